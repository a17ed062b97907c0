import type { NodeDef } from "#server/engine/contract.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Deps } from "../../deps.ts";
import { deployDocument, loadDocument, saveSettings } from "../../flows/index.ts";
import type { LibraryEntry, LibraryRef, PutFlows } from "./internal.schema.ts";

type StoreDeps = Pick<Deps, "db" | "live" | "clock">;

export async function readFlows(deps: StoreDeps, actor: Actor) {
  const { nodes, credentials, revision } = await loadDocument(deps, actor);
  return { nodes, credentials: credentials ?? {}, revision };
}

/** A deploy of the editor. Throws `conflict` (`flow.conflict`) when the flows were changed elsewhere meanwhile. */
export async function writeFlows(deps: StoreDeps, actor: Actor, { nodes, credentials, revision }: PutFlows) {
  const deployed = await deployDocument(deps, actor, {
    nodes: nodes as NodeDef[], // FlowNode is the schema of that type
    ...(credentials === undefined ? {} : { credentials }),
    baseRevision: revision ?? undefined,
    source: "editor",
  });
  return { revision: deployed.revision };
}

/** Credentials alone, at whatever revision the flows are. */
export async function writeCredentials(deps: StoreDeps, actor: Actor, credentials: Record<string, unknown>) {
  const { nodes, revision } = await loadDocument(deps, actor);
  const deployed = await deployDocument(deps, actor, { nodes, credentials, baseRevision: revision, source: "editor" });
  return { revision: deployed.revision };
}

/** Where the library lies within the editor's settings; Node-RED itself has no name that begins so. */
const LIBRARY = "$library";
const MAX_SETTINGS_BYTES = 1_000_000;
const MAX_LIBRARY_BYTES = 4_000_000;

type Library = Record<string, { meta: Record<string, unknown>; body: unknown }>;
const libraryOf = (settings: Record<string, unknown> | null) => (settings?.[LIBRARY] ?? {}) as Library; // written below alone

function bounded(value: unknown, limit: number, what: string): void {
  const bytes = Buffer.byteLength(JSON.stringify(value) ?? "");
  if (bytes > limit)
    throw new AppError("large", "pod.too-large", `${what} would take ${bytes} bytes; ${limit} is the limit`);
}

export async function readSettings(deps: StoreDeps, actor: Actor): Promise<Record<string, unknown>> {
  const { [LIBRARY]: _library, ...settings } = (await loadDocument(deps, actor)).settings ?? {};
  return settings;
}

export async function writeSettings(deps: StoreDeps, actor: Actor, given: Record<string, unknown>): Promise<void> {
  bounded(given, MAX_SETTINGS_BYTES, "The editor's settings");
  const { settings } = await loadDocument(deps, actor);
  await saveSettings(deps, actor, { ...given, [LIBRARY]: libraryOf(settings) });
}

const trimmed = (path: string) => path.split("/").filter(Boolean).join("/");

/** An entry's body, or what a folder holds as Node-RED lists it: names of folders, then `{fn, …meta}` of entries. */
export async function readLibrary(deps: StoreDeps, actor: Actor, { type, path }: LibraryRef): Promise<unknown> {
  const library = libraryOf((await loadDocument(deps, actor)).settings);
  const at = `${type}/${trimmed(path)}`;
  const entry = library[at];
  if (entry) return entry.body;
  const prefix = at.endsWith("/") ? at : `${at}/`;
  const below = Object.entries(library).filter(([name]) => name.startsWith(prefix));
  if (below.length === 0 && trimmed(path) !== "")
    throw new AppError("missing", "library.missing", "There is no such entry in the library");
  const folders = new Set<string>();
  const entries: unknown[] = [];
  for (const [name, { meta }] of below) {
    const [first = "", ...rest] = name.slice(prefix.length).split("/");
    if (rest.length > 0) folders.add(first);
    else entries.push({ ...meta, fn: first });
  }
  return [...[...folders].toSorted(), ...entries];
}

export async function writeLibrary(
  deps: StoreDeps,
  actor: Actor,
  { type, path, meta, body }: LibraryEntry,
): Promise<void> {
  const at = trimmed(path);
  if (at === "" || at.split("/").includes(".."))
    throw new AppError("invalid", "library.path", "An entry of the library needs a name, without ..");
  const { settings } = await loadDocument(deps, actor);
  const library = { ...libraryOf(settings), [`${type}/${at}`]: { meta, body } };
  bounded(library, MAX_LIBRARY_BYTES, "The library");
  await saveSettings(deps, actor, { ...settings, [LIBRARY]: library });
}
