import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { credentialSecretOf, decryptCredentials, encryptCredentials } from "./credentials.ts";

const require = createRequire(import.meta.url);
const runtime = createRequire(require.resolve("node-red/package.json"));
const seat = { workspaceId: "wsp_1", userId: "usr_1" };
const settings = { jwtSecret: "a secret of tests that is long enough" };
const secret = credentialSecretOf(settings, seat);
const held = { n1: { user: "ann", password: "péché 🔑" }, n2: { token: "x".repeat(1_000) } };

interface NodeRedCredentials {
  init(runtime: object): void;
  load(stored: object): Promise<void>;
  add(id: string, credentials: object): Promise<void>;
  get(id: string): object | undefined;
  export(): Promise<object>;
}

/** The credential store of the real runtime, with the secret of a seat. */
async function nodeRed(credentialSecret: string, stored: object): Promise<NodeRedCredentials> {
  const path = runtime.resolve("@node-red/runtime/lib/nodes/credentials.js");
  delete require.cache[path]; // it keeps its state in the module
  const credentials = require(path) as NodeRedCredentials;
  const known: Record<string, unknown> = { credentialSecret };
  const quiet = () => undefined;
  credentials.init({
    log: { debug: quiet, warn: quiet, error: quiet, info: quiet, trace: quiet, _: (text: string) => text },
    settings: {
      get: (key: string) => known[key],
      set: async (key: string, value: unknown) => void (known[key] = value),
      delete: async (key: string) => void delete known[key],
    },
    nodes: {},
  });
  await credentials.load(stored);
  return credentials;
}

describe("credentials of nodes", () => {
  it("that Node-RED encrypted are read by the engine", async () => {
    const store = await nodeRed(secret, {});
    for (const [id, one] of Object.entries(held)) await store.add(id, one);
    const stored = await store.export();
    expect(Object.keys(stored)).toEqual(["$"]);
    expect(JSON.stringify(stored)).not.toContain("ann");
    expect(decryptCredentials(secret, stored)).toEqual(held);
  });

  it("that we encrypted are read by Node-RED", async () => {
    const store = await nodeRed(secret, encryptCredentials(secret, held));
    expect(store.get("n1")).toEqual(held.n1);
    expect(store.get("n2")).toEqual(held.n2);
  });

  it("are none where nothing is stored", () => {
    for (const stored of [null, undefined, {}, { $: 1 }, "x"]) expect(decryptCredentials(secret, stored)).toEqual({});
  });

  it("of another seat, or after a change of the installation's secret, are refused with what to do", () => {
    const stored = encryptCredentials(secret, held);
    for (const wrong of [
      credentialSecretOf(settings, { ...seat, userId: "usr_2" }),
      credentialSecretOf(settings, { ...seat, workspaceId: "wsp_2" }),
      credentialSecretOf({ jwtSecret: "another secret that is long enough" }, seat),
    ])
      expect(() => decryptCredentials(wrong, stored)).toThrow(
        expect.objectContaining({ code: "flow.credentials", message: expect.stringMatching(/Enter them/) as string }),
      );
  });

  it("are never encrypted the same way twice", () => {
    expect(encryptCredentials(secret, held)).not.toEqual(encryptCredentials(secret, held));
  });
});
