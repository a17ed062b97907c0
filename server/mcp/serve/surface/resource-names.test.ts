import { expect, it } from "vitest";
import { definition } from "#tests/support/tool-gateway.ts";
import type { Offer } from "../../gateway.ts";
import { resourceNames, withOutwardLinks } from "./resource-names.ts";

const offer = (name: string, uris: string[], templates: string[] = []): Offer => ({
  definition: definition(name, "http://127.0.0.1:1/mcp"),
  protocol: "2026-07-28",
  era: "modern",
  serverInfo: { name },
  capabilities: {},
  tools: [],
  resources: uris.map((uri) => ({ uri, name: uri })),
  templates: templates.map((uriTemplate) => ({ uriTemplate, name: uriTemplate })),
  prompts: [],
});

const names = resourceNames([
  offer("erp", ["plant://orders", "plant://common"], ["plant://orders/{id}", "plant://{a}/lines/{b}.json"]),
  offer("wms", ["plant://stock", "plant://common"], ["plant://orders/{id}"]),
]);

it("leaves a URI as it is where one server alone lists it", () => {
  expect(names.outward("erp", "plant://orders")).toBe("plant://orders");
  expect(names.find("plant://stock")).toEqual({ server: "wms", uri: "plant://stock" });
});

it("names the server where several list the same", () => {
  expect(names.outward("wms", "plant://common")).toBe("osf:wms:plant://common");
  expect(names.find("osf:wms:plant://common")).toEqual({ server: "wms", uri: "plant://common" });
  expect(names.find("plant://common")).toEqual({ server: "erp", uri: "plant://common" });
});

it("gives what nobody lists to the first server one of whose templates it fits", () => {
  expect(names.find("plant://orders/4711")).toEqual({ server: "erp", uri: "plant://orders/4711" });
  expect(names.outward("wms", "plant://orders/4711")).toBe("osf:wms:plant://orders/4711");
  expect(names.find("plant://x/lines/y.json")?.server).toBe("erp");
  for (const uri of ["plant://orders/", "plant:///lines/y.json", "plant://x/lines/.json", "other://orders/1"])
    expect(names.find(uri), uri).toBeUndefined();
});

it("knows no server that the viewer may not use", () => {
  expect(names.find("osf:qms:plant://audits")).toBeUndefined();
  expect(names.find("osf:erp:")).toBeUndefined();
});

it("is not slow with a template made to be", () => {
  const hostile = resourceNames([offer("erp", [], [`x://${"{a}a".repeat(200)}`])]);
  const began = performance.now();
  expect(hostile.find(`x://${"a".repeat(100_000)}b`)).toBeUndefined();
  expect(performance.now() - began).toBeLessThan(200);
});

it("makes links in results such as can be followed here", () => {
  const outward = (uri: string) => names.outward("wms", uri);
  const link = (uri: string) => ({ type: "resource_link", uri, name: "n" });
  const result = {
    content: [link("plant://common"), link("plant://stock"), { type: "text", text: "t" }],
    isError: false,
  };
  expect(withOutwardLinks(result, outward)).toEqual({
    content: [link("osf:wms:plant://common"), link("plant://stock"), { type: "text", text: "t" }],
    isError: false,
  });
  const plain = { content: [{ type: "text", text: "t" }] };
  expect(withOutwardLinks(plain, outward)).toBe(plain);
});
