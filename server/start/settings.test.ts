import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { readEnvironment } from "../kernel/env.ts";
import { exampleFile } from "../kernel/variables.ts";
import { readWholeEnvironment } from "./upstreams.ts";
import { isDemo, listenAddress, makeSettings, publicUrl } from "./settings.ts";

const JWT_SECRET = "s".repeat(32);
const DATABASE_URL = "postgresql://osf@db.example.com/osf";
const RESOLVED = {
  version: "1.0.0",
  dev: false,
  port: 8080,
  dataDir: "/data",
  databaseUrl: "postgresql://postgres@127.0.0.1:5432/osf",
  jwtSecret: JWT_SECRET,
  demoUpstreams: [],
};
const read = (variables: Record<string, string>) => readEnvironment({ NODE_ENV: "test", ...variables });

it("is a demo on loopback with nothing set, an installation on all addresses otherwise", () => {
  expect(isDemo(read({}))).toBe(true);
  expect(listenAddress(read({}))).toBe("127.0.0.1");
  expect(isDemo(read({ OSF_DEMO: "0" }))).toBe(false);
  expect(listenAddress(read({ OSF_DEMO: "0" }))).toBe("0.0.0.0");
  expect(isDemo(read({ DATABASE_URL, JWT_SECRET }))).toBe(false);
  expect(listenAddress(read({ HOST: "10.0.0.5" }))).toBe("10.0.0.5");
});

it("names the address that people open", () => {
  expect(publicUrl(read({}), 8081)).toBe("http://localhost:8081");
  expect(publicUrl(read({ HOST: "0.0.0.0" }), 8080)).toBe("http://localhost:8080");
  expect(publicUrl(read({ HOST: "10.0.0.5" }), 8080)).toBe("http://10.0.0.5:8080");
  expect(publicUrl(read({ HOST: "fd00::5" }), 8080)).toBe("http://[fd00::5]:8080");
  expect(publicUrl(read({ FRONTEND_URL: "https://osf.example.com/" }), 8080)).toBe("https://osf.example.com");
});

it("uses the demo model where no model is named, and labels it", () => {
  const { models } = makeSettings(read({}), { ...RESOLVED, demoModelUrl: "http://127.0.0.1:8026/v1" });
  const demo = { url: "http://127.0.0.1:8026/v1", model: "osf-demo", demo: true };
  expect(models).toEqual({ free: demo, premium: demo });
});

it("gives the tier premium the server of the tier free unless it has its own", () => {
  const free = { LLM_URL_FREE: "http://gpu:8000/v1/", LLM_KEY_FREE: "k1" };
  const shared = makeSettings(read(free), RESOLVED).models;
  expect(shared.free).toEqual({ url: "http://gpu:8000/v1", model: "qwen2.5-14b-instruct", apiKey: "k1", demo: false });
  expect(shared.premium).toEqual({
    url: "http://gpu:8000/v1",
    model: "qwen2.5-32b-instruct",
    apiKey: "k1",
    demo: false,
  });
  const apart = makeSettings(read({ ...free, LLM_URL_PREMIUM: "https://api.example.com/v1" }), RESOLVED).models;
  expect(apart.premium).toEqual({ url: "https://api.example.com/v1", model: "qwen2.5-32b-instruct", demo: false });
});

it("has no model in an installation that names none, and never sends a key to a server it is not meant for", () => {
  const { models } = makeSettings(read({ OSF_DEMO: "0", LLM_KEY_FREE: "k1" }), RESOLVED);
  expect(models.free).toEqual({ model: "qwen2.5-14b-instruct", demo: false });
});

it("offers the servers of the demo and the one of MCP_URL, and says where each comes from", () => {
  const demoUpstreams = [{ name: "erp", title: "ERP", url: "http://127.0.0.1:8021/mcp" }];
  const { env, upstreams: named } = readWholeEnvironment({ NODE_ENV: "test", MCP_URL: "http://mcp:9000/mcp" });
  const { upstreams } = makeSettings(env, { ...RESOLVED, demoUpstreams, upstreams: named });
  expect(upstreams.map(({ name, source }) => [name, source])).toEqual([
    ["erp", "demo"],
    ["mcp", "environment"],
  ]);
});

it("has an example file that names what the product heeds", () => {
  const file = path.resolve(import.meta.dirname, "../../.env.example");
  expect(readFileSync(file, "utf8")).toBe(exampleFile());
});
