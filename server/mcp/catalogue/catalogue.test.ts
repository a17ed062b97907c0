import { describe, expect, it } from "vitest";
import { SERVER_NAME } from "../names.ts";
import { CATALOGUE } from "./catalogue.ts";
import { checkConfig, configSchema, definitionOf, secretsOf, type CatalogueEntry } from "./entry.ts";
import { rank } from "./search.ts";

const entry = (id: string): CatalogueEntry => {
  const found = CATALOGUE.find((one) => one.id === id);
  if (!found) throw new Error(`no entry ${id}`);
  return found;
};
const searchable = CATALOGUE.map((one) => ({ ...one, name: one.id, tools: [] }));
const find = (query: string) => rank(searchable, query).map(({ item }) => item.id);

describe("the catalogue", () => {
  it("has unique names that servers can have", () => {
    const ids = CATALOGUE.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !SERVER_NAME.test(id))).toEqual([]);
  });

  it.each(CATALOGUE.map((one) => [one.id, one] as const))("says all that %s uses", (_id, one) => {
    const used = new Set(
      Array.from(
        JSON.stringify([one.url, one.transport, one.auth]).matchAll(/(?<!\$)\{([a-z]\w*)\}/g),
        ([, name]) => name,
      ),
    );
    expect([...used].toSorted()).toEqual(Object.keys(configSchema(one).properties).toSorted());
    expect(configSchema(one).required.filter((name) => !used.has(name))).toEqual([]);
    expect(one.secrets.map(({ name }) => name).toSorted()).toEqual(secretsOf(one).toSorted());
  });

  it("lets editors activate only what lies at a fixed public address and uses no secret of the workspace", () => {
    for (const one of CATALOGUE.filter(({ activate }) => activate === "editor")) {
      expect(one.url, one.id).toMatch(/^https:\/\/[a-z0-9.-]+\/[^{]*$/);
      expect(secretsOf(one), one.id).toEqual([]);
    }
  });

  it("leaves everything that runs on this machine or in the plant's network to the owner", () => {
    const near = CATALOGUE.filter(
      ({ transport, config }) =>
        transport.kind === "stdio" ||
        Object.values(config?.properties ?? {}).some(({ default: preset }) => String(preset).startsWith("http:")),
    );
    expect(near.length).toBeGreaterThan(10);
    expect(near.filter(({ activate }) => activate !== "owner").map(({ id }) => id)).toEqual([]);
  });
});

describe("the configuration of an entry", () => {
  it("is taken with its defaults, and wrong fields are named", () => {
    expect(checkConfig(entry("influxdb"), { instance: "" })).toEqual({
      values: { instance: "http://localhost:8181/", product: "core" },
      wrong: [],
    });
    const { wrong } = checkConfig(entry("opcua"), { server: "http://plc", colour: "red" });
    expect(wrong.map(({ path }) => path).toSorted()).toEqual(["colour", "server"]);
    expect(checkConfig(entry("filesystem"), {}).wrong).toEqual([{ path: "folders", message: "is required" }]);
    expect(checkConfig(entry("filesystem"), { folders: [] }).wrong).toHaveLength(1);
  });

  it("fills addresses, arguments and variables; what is empty is left out", () => {
    expect(definitionOf(entry("gitlab"), { instance: "https://git.example.com/" }).url).toBe(
      "https://git.example.com/api/v4/mcp",
    );
    expect(definitionOf(entry("filesystem"), { folders: ["/a", "/b"] })).toMatchObject({
      transport: { args: ["-y", "@modelcontextprotocol/server-filesystem", "/a", "/b"] },
      url: "npx -y @modelcontextprotocol/server-filesystem /a /b",
    });
    expect(definitionOf(entry("influxdb"), { instance: "http://db:8181", product: "core" }).transport).toMatchObject({
      env: { INFLUX_DB_TOKEN: "${INFLUX_DB_TOKEN}", INFLUX_DB_INSTANCE_URL: "http://db:8181" },
    });
    const { transport } = definitionOf(entry("influxdb"), { instance: "http://db:8181", product: "core" });
    expect(transport.kind === "stdio" && Object.keys(transport.env)).not.toContain("INFLUX_MCP_TOOL_PROFILE");
    expect(definitionOf(entry("asana"), { clientId: "abc" }).auth).toMatchObject({ clientId: "abc" });
  });

  it("cannot bring in other secrets of the workspace", () => {
    const other = "${ERP_PASSWORD}";
    for (const definition of [
      definitionOf(entry("git"), { repository: other }),
      definitionOf(entry("filesystem"), { folders: [other] }),
      definitionOf(entry("modbus"), { url: `http://evil.example/${other}` }),
      definitionOf(entry("asana"), { clientId: other }),
    ])
      expect(JSON.stringify(definition)).not.toContain(other);
  });

  it("must make an address", () => {
    expect(() => definitionOf(entry("modbus"), { url: "nonsense" })).toThrow("does not make a valid address");
  });
});

describe("the search", () => {
  it.each([
    ["jira", "atlassian"],
    ["opc ua", "opcua"],
    ["read plc variables", "opcua"],
    ["grafanna", "grafana"],
    ["postgers", "postgres"],
    ["time series", "influxdb"],
    ["SAP sales orders", "sap"],
    ["sharepoint", "microsoft-365"],
    ["send a message in slack", "slack"],
  ])("finds for %j first %s", (query, expected) => {
    expect(find(query)[0]).toBe(expected);
  });

  it("finds nothing for what nobody has, everything for nothing, and always in the same order", () => {
    expect(find("xylophone")).toEqual([]);
    expect(find("")).toEqual(CATALOGUE.map(({ id }) => id).toSorted());
    expect(find("orders")).toEqual(find("orders"));
  });

  it("finds servers by their tools", () => {
    const tools = [{ name: "lab.list_probes", title: "Probes", description: "Samples of the laboratory" }];
    const lab = { name: "lab", title: "Lab", description: "", tags: [], tools };
    expect(rank([...searchable, lab], "laboratory samples")[0]?.item.name).toBe("lab");
  });
});
