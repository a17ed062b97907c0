import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { EnvironmentError, secretVariables } from "../kernel/env.ts";
import { settingsUpstreams } from "../mcp/upstream/source.ts";
import { makeSettings } from "./settings.ts";
import { namesUpstreams, readWholeEnvironment } from "./upstreams.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "osf-servers-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string) => {
  const where = path.join(folder, name);
  writeFileSync(where, text);
  return where;
};

const read = (variables: Record<string, string>) => readWholeEnvironment({ NODE_ENV: "test", ...variables });
const problems = (variables: Record<string, string>): string[] => {
  try {
    read(variables);
    return [];
  } catch (error) {
    if (error instanceof EnvironmentError) return error.problems;
    throw error;
  }
};

describe("MCP_SERVICES", () => {
  it("names services, each with its variables; hyphens are underscores, all of them", () => {
    const { upstreams } = read({
      MCP_SERVICES: "erp, quality-lab-2",
      MCP_SERVICE_ERP_ENDPOINT: "http://erp.local:9000",
      MCP_SERVICE_QUALITY_LAB_2_ENDPOINT: "https://lab.example.com/base",
      MCP_SERVICE_QUALITY_LAB_2_AUTH_TYPE: "api-key",
      MCP_SERVICE_QUALITY_LAB_2_API_KEY: "k1",
      MCP_SERVICE_QUALITY_LAB_2_TIMEOUT: "45s",
      MCP_SERVICE_QUALITY_LAB_2_RATE_LIMIT_RPM: "60",
      MCP_SERVICE_QUALITY_LAB_2_CB_FAILURE_THRESHOLD: "3",
      MCP_SERVICE_QUALITY_LAB_2_CB_RECOVERY_TIMEOUT: "10000",
      MCP_SERVICE_QUALITY_LAB_2_CB_HALF_OPEN_MAX_CALLS: "1",
    });
    expect(settingsUpstreams(upstreams)).toMatchObject([
      { id: "erp", url: "http://erp.local:9000", transport: { kind: "service" }, auth: { kind: "none" } },
      {
        id: "quality-lab-2",
        url: "https://lab.example.com/base",
        auth: { kind: "header", header: "X-API-Key", value: "k1" },
        policy: {
          privateNetwork: true,
          timeoutMs: 45_000,
          rate: { requestsPerMinute: 60, burst: 20 },
          breaker: { failureThreshold: 3, recoveryMs: 10_000, halfOpenMaxCalls: 1 },
        },
      },
    ]);
  });

  it.each([
    [{ TOKEN: "t" }, { kind: "bearer", token: "t" }],
    [
      { API_KEY: "k", API_KEY_HEADER: "X-Key" },
      { kind: "header", header: "X-Key", value: "k" },
    ],
    [
      { AUTH_TYPE: "oauth2", ACCESS_TOKEN: "a" },
      { kind: "bearer", token: "a" },
    ],
    [
      { AUTH_TYPE: "oauth", CLIENT_ID: "c", CLIENT_SECRET: "s" },
      { kind: "oauth-client", clientId: "c", clientSecret: "s" },
    ],
    [
      { REFRESH_TOKEN: "r", CLIENT_ID: "c", TOKEN_ENDPOINT: "https://id.example.com/token" },
      { kind: "oauth-client", clientId: "c", refreshToken: "r", tokenEndpoint: "https://id.example.com/token" },
    ],
    [{ AUTH_TYPE: "none", TOKEN: "t" }, { kind: "none" }],
  ])("takes %j for its credentials", (variables, auth) => {
    const own = Object.fromEntries(Object.entries(variables).map(([name, value]) => [`MCP_SERVICE_A_${name}`, value]));
    const { upstreams } = read({ MCP_SERVICES: "a", MCP_SERVICE_A_ENDPOINT: "http://a", ...own });
    expect(upstreams[0]?.auth).toEqual(auth);
  });

  it("takes credentials from files", () => {
    const { upstreams } = read({
      MCP_SERVICES: "a",
      MCP_SERVICE_A_ENDPOINT: "http://a",
      MCP_SERVICE_A_TOKEN_FILE: file("token", "from a file\n"),
    });
    expect(upstreams[0]?.auth).toEqual({ kind: "bearer", token: "from a file" });
  });

  it("names all that is wrong at once, beside other variables, and never a credential", () => {
    const wrong = problems({
      PORT: "many",
      MCP_SERVICES: "a,B!,c,c-x,c_x",
      MCP_SERVICE_A_AUTH_TYPE: "magic",
      MCP_SERVICE_A_TIMEOUT: "30",
      MCP_SERVICE_A_RATE_LIMIT_BURST: "0",
      MCP_SERVICE_C_ENDPOINT: "ftp://c",
      MCP_SERVICE_C_AUTH_TYPE: "bearer",
      MCP_SERVICE_C_X_ENDPOINT: "http://c",
      MCP_SERVICE_C_X_REFRESH_TOKEN: "very-secret",
      MCP_SERVICE_D_TOKEN: "very-secret",
      MCP_SERVICE_A_TOKEN_FILE: path.join(folder, "missing"),
    });
    expect(wrong.map((line) => line.split(":", 1)[0])).toEqual([
      "PORT",
      "MCP_SERVICE_A_TOKEN_FILE",
      "MCP_SERVICES",
      "MCP_SERVICES",
      "MCP_SERVICE_D_TOKEN",
      "MCP_SERVICE_A_ENDPOINT",
      "MCP_SERVICE_A_AUTH_TYPE",
      "MCP_SERVICE_A_TIMEOUT",
      "MCP_SERVICE_A_RATE_LIMIT_BURST",
      "MCP_SERVICE_C_ENDPOINT",
      "MCP_SERVICE_C_TOKEN",
      "MCP_SERVICE_C_X_TOKEN_ENDPOINT",
      "MCP_SERVICE_C_X_CLIENT_ID",
    ]);
    expect(wrong.join("\n")).not.toContain("very-secret");
    expect(wrong.join("\n")).toContain(
      "MCP_SERVICE_A_TIMEOUT: expected milliseconds from 100 to 600000, or with a unit",
    );
  });
});

describe("MCP_SERVERS", () => {
  it("is JSON, or the path of a JSON or YAML file, in the words of the HTTP API or of other clients", () => {
    const inline = JSON.stringify([
      { name: "mes", url: "https://mes.example.com/mcp", auth: { kind: "bearer", token: "${MES_TOKEN}" } },
    ]);
    expect(read({ MCP_SERVERS: inline, MES_TOKEN: "from the environment" }).upstreams).toMatchObject([
      { name: "mes", title: "mes", auth: { token: "from the environment" }, source: "environment" },
    ]);
    expect(read({ MCP_SERVERS: inline }).upstreams).toMatchObject([{ auth: { token: "${MES_TOKEN}" } }]);
    const yaml = file(
      "servers.yaml",
      `servers:
  mes:
    title: MES
    url: https://mes.example.com/mcp
    workspace: wsp_1
    policy: { timeoutMs: 5000, roles: [operator, admin], privateNetwork: false }
  shop:
    transport: { kind: openapi, document: "https://shop.example.com/openapi.json" }
`,
    );
    expect(settingsUpstreams(read({ MCP_SERVERS: yaml }).upstreams)).toMatchObject([
      { name: "mes", workspaceId: "wsp_1", policy: { privateNetwork: false, timeoutMs: 5_000 }, pinning: "first-use" },
      { name: "shop", url: "https://shop.example.com/openapi.json", transport: { kind: "openapi" } },
    ]);
    const others = file(
      "mcp.json",
      JSON.stringify({
        mcpServers: {
          files: { command: "npx", args: ["-y", "server", "/data"], env: { LEVEL: "1" } },
          old: { type: "sse", url: "http://old/sse", headers: { "X-Key": "k" }, disabled: true },
        },
      }),
    );
    expect(read({ MCP_SERVERS: others }).upstreams).toMatchObject([
      { name: "files", url: "npx -y server /data", transport: { kind: "stdio", env: { LEVEL: "1" } } },
      {
        name: "old",
        transport: { kind: "sse" },
        auth: { kind: "header", header: "X-Key", value: "k" },
        enabled: false,
      },
    ]);
  });

  it("names each wrong field with its server, and never what stands there", () => {
    const wrong = problems({
      MCP_SERVERS: JSON.stringify({
        mes: { url: "ftp://mes", colour: "red" },
        Lab: { url: "http://lab" },
        empty: {},
        two: { url: "http://two", headers: { A: "top-secret", B: "2" } },
      }),
      MCP_SERVICES: "two",
      MCP_SERVICE_TWO_ENDPOINT: "http://two",
    });
    expect(wrong.map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual([
      "MCP_SERVERS: mes.url:",
      "MCP_SERVERS: mes:",
      "MCP_SERVERS: Lab.name:",
      "MCP_SERVERS: empty.url:",
      "MCP_SERVERS: two.headers:",
    ]);
    expect(wrong.join()).not.toContain("top-secret");
    expect(problems({ MCP_SERVERS: "/no/such/file" })).toEqual([
      "MCP_SERVERS: expected the path of a JSON or YAML file (ENOENT)",
    ]);
    expect(problems({ MCP_SERVERS: '{"token": "top-secret",' }).join()).not.toContain("top-secret");
  });

  it("has each name once", () => {
    const variables = {
      MCP_SERVERS: '[{"name":"a","url":"http://a"}]',
      MCP_SERVICES: "a",
      MCP_SERVICE_A_ENDPOINT: "http://a",
    };
    expect(problems(variables)).toEqual(["MCP_SERVERS: two upstreams have the name a"]);
  });
});

it("keeps the demo factory away from servers of one's own, and gives way to their names where both are asked for", () => {
  expect(namesUpstreams(read({}).env)).toBe(false);
  for (const variables of [
    { MCP_URL: "http://a" },
    { MCP_SERVERS: "[]" },
    { MCP_SERVICES: "a", MCP_SERVICE_A_ENDPOINT: "http://a" },
  ])
    expect(namesUpstreams(read(variables as Record<string, string>).env)).toBe(true);
  const { env, upstreams } = read({ MCP_SERVERS: '[{"name":"erp","url":"http://own/mcp"}]', OSF_DEMO: "1" });
  const demoUpstreams = ["erp", "wms"].map((name) => ({ name, title: name, url: `http://demo/${name}` }));
  const resolved = {
    version: "1",
    dev: false,
    port: 1,
    dataDir: "/d",
    databaseUrl: "x",
    jwtSecret: "y",
    demoUpstreams,
  };
  expect(makeSettings(env, { ...resolved, upstreams }).upstreams.map(({ url }) => url)).toEqual([
    "http://demo/wms",
    "http://own/mcp",
  ]);
});

it("keeps the environment of children free of what upstreams are reached with", () => {
  const names = secretVariables({
    NODE_ENV: "test",
    MCP_SERVICE_A_TOKEN: "t",
    MCP_SERVICE_A_TOKEN_FILE: "/f",
    PATH: "/bin",
  });
  expect(names).toEqual(
    expect.arrayContaining(["MCP_SERVERS", "MCP_SERVERS_FILE", "MCP_SERVICE_A_TOKEN", "MCP_SERVICE_A_TOKEN_FILE"]),
  );
  expect(names).not.toContain("PATH");
});
