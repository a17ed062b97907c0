import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { describe, expect } from "vitest";
import { z } from "zod";
import { SERVERS } from "#server/factory/servers.ts";
import { it } from "#tests/support/world.ts";
import { DEMO_FLOWS } from "../../../prisma/seed/demo-flows.ts";
import { seedDemo } from "../../../prisma/seed/demo.ts";
import { importNodes } from "./import-nodes.ts";
import { validateFlow } from "./validate.ts";

const flows = DEMO_FLOWS.map((build) => importNodes(build(), new Set()));

describe.each(flows)("demo flow $tabId", ({ nodes, tabId }) => {
  it("is without a word of complaint, and each node has a place of its own", () => {
    expect(validateFlow(nodes, tabId)).toEqual([]);
    const places = nodes.filter(({ z }) => z === tabId).map(({ x, y }) => `${String(x)}/${String(y)}`);
    expect(new Set(places).size).toBe(places.length);
  });

  it("calls tools that the demo factory has, with arguments that they know and all that they need", () => {
    for (const node of nodes.filter(({ type }) => type.startsWith("osf-mcp-"))) {
      const [server, name] = String(node.tool).split(".");
      const tool = SERVERS.find((one) => one.name === server)?.tools.find((one) => one.name === name);
      expect(tool, String(node.tool)).toBeDefined();
      const given = (node.args as { name: string }[]).map((arg) => arg.name);
      const { properties = {}, required = [] } = z.toJSONSchema(tool?.input ?? z.object({}), { io: "input" });
      expect(Object.keys(properties)).toEqual(expect.arrayContaining(given));
      expect(given, String(node.tool)).toEqual(expect.arrayContaining(required));
    }
  });
});

it("demo flows can all be in one editor", () => {
  const ids = flows.flatMap(({ nodes }) => nodes.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
});

it("the demo's flows are put into the engineer's editor, once", async ({ world: { deps } }) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "osf-seed-"));
  const accountsFile = path.join(folder, "demo-accounts.json");
  const seed = () => seedDemo({ databaseUrl: deps.settings.databaseUrl, accountsFile, url: "http://localhost" });
  const flowsOfDemo = () =>
    deps.db.flow.findMany({
      where: { workspaceId: "wsp_demo", deletedAt: null },
      orderBy: { id: "asc" },
      include: { endpoints: true },
    });
  try {
    await seed();
    const first = await flowsOfDemo();
    expect(first.map(({ name, endpoints }) => [name, endpoints.map((one) => one.path)])).toEqual([
      ["First steps", []],
      ["OEE alarm", ["/oee"]],
      ["Late order explanation", []],
      ["Quality hold with approval", []],
      ["Maintenance ticket", []],
    ]);
    await deps.db.flow.update({ where: { id: first[1]?.id ?? "" }, data: { name: "Mine now" } });
    await seed();
    expect((await flowsOfDemo()).map(({ name }) => name)).toContain("Mine now");
    expect(await flowsOfDemo()).toHaveLength(5);
  } finally {
    await rm(folder, { recursive: true });
  }
});
