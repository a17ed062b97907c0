import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifest } from "./test/runtime.ts";

const require = createRequire(import.meta.url);
const here = import.meta.dirname;
const TYPES = [
  "osf-ts",
  "osf-prompt",
  "osf-prompt-tpl",
  "osf-llm",
  "osf-context",
  "osf-decision",
  "osf-output-parser",
  "osf-http",
  "osf-sub-flow",
  "osf-agent",
  "osf-human-input",
  "osf-mcp-erp",
  "osf-mcp-fertigung",
  "osf-mcp-qms",
  "osf-mcp-tms",
  "mcp-tool",
];
const LANGUAGES = ["en-US", "de"];

interface FlowNode {
  id: string;
  type: string;
  [property: string]: unknown;
}
interface Red {
  init(server: object, settings: object): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  httpAdmin: (request: object, response: object) => void;
  runtime: { flows: { setFlows(options: object): Promise<unknown> } };
  nodes: {
    getNode(id: string): { on(event: string, listener: (msg: object) => void): void; receive(msg: object): void };
  };
  events: { once(event: string, listener: () => void): void };
}
const RED = require("node-red") as Red; // has no types

/** A stock Node-RED with its editor API; the package lies where it would be installed. */
let url = "";
const userDir = mkdtempSync(path.join(os.tmpdir(), "osf-nodes-"));
const server = createServer((request, response) => RED.httpAdmin(request, response));
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port
  RED.init(server, {
    userDir,
    nodesDir: here,
    httpAdminRoot: "/",
    httpNodeRoot: "/http",
    logging: { console: { level: "off" } },
    telemetry: { enabled: false, updateNotification: false },
    externalModules: { palette: { allowInstall: false } },
  });
  await RED.start();
});
afterAll(async () => {
  await RED.stop();
  server.closeAllConnections();
  server.close();
  rmSync(userDir, { recursive: true, force: true });
});

async function get(where: string, headers: Record<string, string>): Promise<string> {
  const response = await fetch(url + where, { headers });
  expect([where, response.status]).toEqual([where, 200]);
  return response.text();
}
const json = async <T>(where: string) => JSON.parse(await get(where, { accept: "application/json" })) as T;
const html = (where: string, language: string) => get(where, { accept: "text/html", "accept-language": language });

const read = (...parts: string[]) => readFileSync(path.join(here, ...parts), "utf8");
const sets = Object.keys(manifest["node-red"].nodes);
const catalog = (folder: string, language: string, name: string) =>
  JSON.parse(read(folder, "locales", language, `${name}.json`)) as Record<string, unknown>;
/** `a.b.c` of every text in a catalog. */
const keysOf = (value: unknown, prefix = ""): string[] =>
  typeof value === "string"
    ? [prefix]
    : Object.entries(value as object).flatMap(([key, one]) => keysOf(one, prefix ? `${prefix}.${key}` : key));

describe("a stock Node-RED", () => {
  it("lists all sixteen types without an error", async () => {
    const all =
      await json<{ module: string; name: string; types: string[]; enabled: boolean; err?: string }[]>("/nodes");
    const ours = all.filter(({ module }) => module === manifest.name);
    expect(ours.map(({ name }) => name).sort()).toEqual([...sets].sort());
    expect(ours.flatMap(({ types }) => types).sort()).toEqual([...TYPES].sort());
    expect(ours.filter(({ err, enabled }) => err !== undefined || !enabled)).toEqual([]);
  });

  it.each(LANGUAGES)("gives the editor a template, a registration and help for each type (%s)", async (language) => {
    const text = await html("/nodes", language);
    for (const type of TYPES) {
      expect(text, type).toContain(`data-template-name="${type}"`);
      const help = new RegExp(`data-help-name="${type}">([\\s\\S]*?)</script>`).exec(text)?.[1] ?? "";
      expect(help.length, type).toBeGreaterThan(400);
      expect(help, type).toContain(language === "de" ? "<h3>Eingänge</h3>" : "<h3>Inputs</h3>");
    }
  });

  it.each(LANGUAGES)("serves the words of every set (%s)", async (language) => {
    for (const [name, folder] of [...sets.map((set) => [set, "nodes"]), ["osf-common", "plugins"]] as const) {
      const served = await json<object>(`/locales/${manifest.name}/${name}?lng=${language}`);
      expect(served, name).toEqual(catalog(folder, language, name));
    }
  });

  it("serves the shared parts of the editors, and loads them before the nodes", async () => {
    const plugin = await html("/plugins", "en-US");
    const files = [...plugin.matchAll(/(?:src|href)="(resources\/node-red-contrib-osf\/[^"]+)"/g)].map(
      ([, file]) => file,
    );
    expect(files).toHaveLength(3);
    for (const file of files)
      expect(await get(`/${file}`, {}), file).toContain(file?.endsWith(".css") ? "{" : "RED.osf");
  });

  it("serves an icon for each type", async () => {
    const icons = await json<Record<string, string[]>>("/icons");
    expect(icons[manifest.name]?.sort()).toEqual(TYPES.map((type) => `${type}.svg`).sort());
    for (const type of TYPES)
      expect(await get(`/icons/${manifest.name}/${type}.svg`, {})).toMatch(/^<svg [^>]*viewBox="0 0 40 60"/);
  });

  it("tells the sender of a message to a node that collects by sender", async () => {
    const node = (id: string, type: string, more: object) => ({ id, type, z: "t-tab", wires: [], ...more });
    const through = (id: string, name: string) => node(id, "change", { name, rules: [], wires: [["t-collect"]] });
    const config = {
      count: 3,
      keyBy: "upstream",
      group: "message",
      overrides: [{ from: "Stock", key: "stock_level" }],
    };
    await deploy([
      { id: "t-tab", type: "tab", label: "Test" },
      node("t-split", "change", { rules: [], wires: [["t-orders", "t-stock", "t-more"]] }),
      through("t-orders", "Orders"),
      through("t-stock", "Stock"),
      through("t-more", "Orders"),
      node("t-collect", "osf-context", { ...config, wires: [["t-end"]] }),
      node("t-end", "change", { rules: [] }),
    ]);
    const arrived = new Promise((resolve) => RED.nodes.getNode("t-end").on("input", resolve));
    RED.nodes.getNode("t-split").receive({ payload: 1, order: 7 });
    expect(await arrived).toMatchObject({ payload: { Orders: 1, stock_level: 1, Orders_2: 1 }, order: 7 });
  });

  it("knows every type of every example", async () => {
    const examples = readdirSync(path.join(here, "examples"));
    expect(examples.length).toBeGreaterThanOrEqual(4);
    const listed = await json<unknown>(`/library/examples/flows/${manifest.name}`);
    expect(JSON.stringify(listed)).toContain("OEE alarm");
    const flows = examples.map((file) => JSON.parse(read("examples", file)) as FlowNode[]);
    for (const flow of flows) {
      const ids = new Set(flow.map(({ id }) => id));
      for (const { wires = [] } of flow as { wires?: string[][] }[])
        for (const id of wires.flat()) expect(ids).toContain(id);
    }
    await deploy(flows.flat());
    for (const { id, type } of flows.flat())
      if (type !== "tab") expect(RED.nodes.getNode(id), `${type} ${id}`).not.toBeNull();
    const used = new Set(flows.flat().map(({ type }) => type));
    expect(TYPES.filter((type) => !used.has(type))).toEqual(["osf-sub-flow", "osf-mcp-qms", "osf-mcp-tms", "mcp-tool"]);
  });

  /** Resolves when the flows run. */
  async function deploy(flows: FlowNode[]): Promise<void> {
    const started = new Promise<void>((resolve) => RED.events.once("flows:started", resolve));
    await RED.runtime.flows.setFlows({ flows: { flows }, deploymentType: "full" });
    await started;
  }
});

describe("the words", () => {
  it.each([...sets.map((set) => [set, "nodes"] as const), ["osf-common", "plugins"] as const])(
    "of %s are the same in both languages",
    (name, folder) => {
      const [english, german] = LANGUAGES.map((language) => catalog(folder, language, name));
      expect(keysOf(german)).toEqual(keysOf(english));
      const places = (text: string) => [...text.matchAll(/__\w+__/g)].map(([place]) => place).sort();
      for (const key of keysOf(english))
        expect([key, places(textAt(german, key))]).toEqual([key, places(textAt(english, key))]);
    },
  );

  it.each(sets)("that the dialogs of %s use are there", (set) => {
    const page = read("nodes", `${set}.html`);
    const known = new Set([
      ...keysOf(catalog("nodes", "en-US", set)),
      ...keysOf(catalog("plugins", "en-US", "osf-common")).map((key) => `node-red-contrib-osf/osf-common:${key}`),
    ]);
    const inTemplate = [...page.matchAll(/data-i18n="([^"]+)"/g)].flatMap(([, keys = ""]) => keys.split(";"));
    const inScript = [...page.matchAll(/this\._\("([^"$]+)"/g)].map(([, key = ""]) => key);
    const used = [...inTemplate.map((key) => key.replace(/^\[[\w-]+\]/, "")), ...inScript];
    expect(used.filter((key) => !known.has(key) && !key.startsWith("node-red:"))).toEqual([]);
    expect(used.length).toBeGreaterThan(2);
    const built = [...page.matchAll(/\bword\("([\w.-]+)"/g)].map(([, key = ""]) => key);
    const common = keysOf(catalog("plugins", "en-US", "osf-common"));
    expect(built.filter((key) => !known.has(`${set}.${key}`) && !common.includes(key))).toEqual([]);
  });

  it("that a node says about its state are translated", () => {
    const untranslated: unknown[] = [];
    for (const set of sets) {
      const source = read("nodes", `${set}.js`);
      const said = [
        ...[...source.matchAll(/onMessage\(node, "([^"]+)"/g)].map(([, text]) => text),
        ...[...source.matchAll(/text: "([^"]+)"/g)].map(([, text]) => text),
      ];
      const known = catalog("nodes", "de", set);
      untranslated.push(...said.filter((text = "") => !(text in known)));
    }
    expect(untranslated).toEqual([]);
  });

  const textAt = (value: unknown, key: string): string =>
    key in (value as object)
      ? String((value as Record<string, unknown>)[key])
      : String(key.split(".").reduce((at: unknown, part) => (at as Record<string, unknown>)[part], value));
});

describe("the package", () => {
  it("needs nothing but ajv, at the version that the gateway has", () => {
    const installed = require("ajv/package.json") as { version: string };
    expect(manifest.dependencies).toEqual({ ajv: installed.version });
  });

  it("loads with relative modules and ajv alone, and keeps no state beside its nodes", () => {
    const files = readdirSync(path.join(here, "nodes"), { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".js"),
    );
    expect(files.length).toBeGreaterThan(15);
    for (const file of files) {
      const source = read("nodes", file);
      const required = [...source.matchAll(/require\("([^"]+)"\)/g)].map(([, name = ""]) => name);
      expect(
        required.filter((name) => !name.startsWith("./") && name !== "ajv"),
        file,
      ).toEqual([]);
      expect(source, file).not.toMatch(/\bprocess\.\w|\bsetInterval\b|^let /m);
    }
  });
});
