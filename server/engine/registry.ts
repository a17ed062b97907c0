import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { EventEmitter } from "node:events";
import type { NodeDef } from "#server/engine/contract.ts";
import type { EngineKit, Override } from "#server/engine/engine-types.ts";
import { createFacade, type FacadeParts, type RegisteredType } from "#server/engine/facade.ts";
import { attributeReturns } from "#server/engine/links.ts";
import type { Loader, NodeModule } from "#server/engine/loader.ts";
import { httpIn, httpResponse } from "#server/engine/own-nodes.ts";
import type { TypeParts } from "#server/engine/plan.ts";
import { planError } from "#server/engine/problems.ts";
import { Catalogues } from "#server/engine/translate.ts";
import { keepingOf, NODE_TYPES, packageType, POD_ONLY, type NodeType } from "#server/engine/types-table.ts";
import type { OwnNode } from "#server/engine/node.ts";

const CORE = "node-red";

interface Source {
  file: string;
  namespace: string;
}

/** Node types: where they come from, and loading their modules when a flow first uses them. */
export class Registry {
  readonly catalogues = new Catalogues();
  readonly #loader: Loader;
  readonly #parts: Omit<FacadeParts, "translate" | "register">;
  readonly #overrides: Record<string, Override>;
  readonly #kit: EngineKit;
  readonly #types = new Map<string, RegisteredType>();
  readonly #own = new Map<string, OwnNode>();
  readonly #packages = new Map<string, Source>();
  readonly #loading = new Map<string, Promise<void>>();

  constructor(
    loader: Loader,
    parts: { settings: Record<string, unknown>; events: EventEmitter; onLog: FacadeParts["onLog"] },
    options: { overrides: Record<string, Override>; packages: readonly string[]; kit: EngineKit },
  ) {
    this.#loader = loader;
    this.#parts = { ...parts, util: loader.util };
    this.#overrides = options.overrides;
    this.#kit = options.kit;
    this.catalogues.load(CORE, path.join(loader.core, "locales"), "messages.json");
    const core = createRequire(path.join(loader.core, "package.json"));
    const hashOf = core("hash-sum") as (value: unknown) => string; // as 21-httprequest.js computes it
    this.#own.set("http in", httpIn);
    this.#own.set("http response", httpResponse(loader.util, hashOf, this.catalogues.translator(CORE)));
    for (const folder of options.packages) this.#addPackage(folder);
  }

  hasCredentials(type: string): boolean {
    return this.#types.get(type)?.credentials ?? false;
  }

  /** What a node of the flow is; loads its module. Throws AppError that names the node. */
  async typeOf(def: NodeDef): Promise<TypeParts> {
    const { type } = def;
    const known = this.#nodeType(def);
    const own = this.#overrides[type] ? undefined : this.#own.get(type);
    if (!known.inert && !own) await this.#loaded(type, known);
    const registered = this.#types.get(type);
    if (!known.inert && !own && !registered)
      throw planError("flow.unknown-type", `${place(def)} cannot be executed: its module does not register this type`);
    return {
      keeping: keepingOf(known, def),
      effect: known.effect ?? "none",
      open: known.open,
      quiet: known.quiet ?? false,
      inert: known.inert ?? false,
      without: known.without ?? [],
      make: own ? undefined : registered?.make,
      own,
      built: type === "link call" ? attributeReturns : undefined,
    };
  }

  #nodeType(def: NodeDef): NodeType {
    const { type } = def;
    const known = Object.hasOwn(NODE_TYPES, type) ? NODE_TYPES[type] : undefined;
    if (known && (known.module !== undefined || known.inert || this.#own.has(type) || this.#overrides[type]))
      return known;
    if (this.#packages.has(type)) return packageType(type);
    if (this.#overrides[type]) return { keeping: "shared" };
    if (POD_ONLY.has(type))
      throw planError(
        "flow.pod-only",
        `${place(def)} needs what only a pod has (files, processes or open connections). Run this flow in your pod`,
      );
    throw planError(
      "flow.unknown-type",
      `${place(def)} is of a type that the engine does not know. Run this flow in your pod, where its palette is installed`,
    );
  }

  /** A module is executed once, for all types that it registers: they know each other's constructors. */
  #loaded(type: string, known: NodeType): Promise<void> {
    const override = this.#overrides[type];
    const source = this.#packages.get(type);
    const file = source?.file ?? path.join(this.#loader.core, "core", known.module ?? "");
    const key = override ? `override ${type}` : file;
    let loading = this.#loading.get(key);
    if (!loading) {
      const load = async () => {
        if (override) await override(this.#facade(CORE, true), this.#kit);
        else await (this.#loader.load(file) as NodeModule)(this.#facade(source?.namespace ?? CORE, false));
      };
      this.#loading.set(key, (loading = load()));
    }
    return loading;
  }

  #facade(namespace: string, override: boolean) {
    return createFacade({
      ...this.#parts,
      translate: this.catalogues.translator(namespace),
      register: (type, registered) => {
        if (override || !this.#overrides[type]) this.#types.set(type, registered);
      },
    });
  }

  /** `"node-red": { "nodes": { name: file } }`; which types a file registers is known by the types' names in its html. */
  #addPackage(folder: string): void {
    const { name, "node-red": nodeRed } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as {
      name: string;
      "node-red"?: { nodes?: Record<string, string> };
    };
    for (const [set, relative] of Object.entries(nodeRed?.nodes ?? {})) {
      const file = path.join(folder, relative);
      const namespace = `${name}/${set}`;
      this.catalogues.load(namespace, path.join(path.dirname(file), "locales"), `${path.basename(file, ".js")}.json`);
      for (const type of typesIn(file)) this.#packages.set(type, { file, namespace });
    }
  }
}

const place = (def: NodeDef) => `The node "${def.name || def.id}" (${def.type})`;

/** Types that a module registers, by the templates of its html: it cannot be executed before a run needs it. */
function typesIn(file: string): string[] {
  const text = readFileSync(file.replace(/\.js$/, ".html"), "utf8");
  return [...text.matchAll(/data-template-name="([^"]+)"/g)].map((match) => match[1]!); // the group is not optional
}
