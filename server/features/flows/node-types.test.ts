import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { NODE_TYPES, POD_ONLY as NOT_IN_THE_ENGINE } from "#server/engine/types-table.ts";
import { ENGINE_TYPES, POD_ONLY } from "./node-types.ts";

const ROOT = path.resolve(import.meta.dirname, "../../..");
const OSF = path.join(ROOT, "nodered-nodes/node-red-contrib-osf");

/** Types that the engine makes itself when it plans: nobody can write them into a flow. */
const OF_PLANS = ["subflow-status"];

it("validation knows the types that the engine and the OSF package have, and no others", async () => {
  const manifest = JSON.parse(await readFile(path.join(OSF, "package.json"), "utf8")) as {
    "node-red": { nodes: Record<string, string> };
  };
  const osf: string[] = [];
  for (const file of new Set(Object.values(manifest["node-red"].nodes))) {
    const html = await readFile(path.join(OSF, file.replace(/\.js$/, ".html")), "utf8");
    osf.push(...[...html.matchAll(/data-template-name="([^"]+)"/g)].map(([, type = ""]) => type));
  }
  const engine = Object.keys(NODE_TYPES).filter((type) => !OF_PLANS.includes(type));
  expect(osf).toHaveLength(16);
  expect(Object.keys(ENGINE_TYPES).toSorted()).toEqual([...engine, ...osf].toSorted());
});

it("what is for pods only is the same for both", () => {
  expect(Object.keys(POD_ONLY).toSorted()).toEqual([...NOT_IN_THE_ENGINE].toSorted());
});
