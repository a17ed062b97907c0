import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cases } from "./cases/index.ts";
import type { Case } from "./case.ts";
import { startEngine } from "./engine-side.ts";
import { startStock, type Arrival, type Stock } from "./stock.ts";
import { startWebServer } from "./web-server.ts";

/**
 * The same small flows executed by stock Node-RED and by the engine: the same messages must come out. Differences that
 * are meant are marked in the case and must then be there.
 */
let stock: Stock;
let engine: ReturnType<typeof startEngine>;
let web: Awaited<ReturnType<typeof startWebServer>>;
beforeAll(async () => {
  [stock, web] = await Promise.all([startStock(), startWebServer()]);
  engine = startEngine();
});
afterAll(async () => {
  await Promise.all([stock.stop(), web.close(), engine.stop()]);
});

/** Ids that are made up anew at each run, by the order in which they first occur. */
function withoutChance(arrivals: Arrival[], { ids }: Case): Record<string, unknown[]> {
  const known = new Map<string, string>();
  const byNode: Record<string, unknown[]> = {};
  for (const { node, message } of arrivals) {
    const text = JSON.stringify(message, (key, value: unknown) => {
      if (key === "_msgid" && !ids) return undefined;
      return key === "id" && typeof value === "string" && /^[0-9a-f]{16,}$/.test(value)
        ? (known.get(value) ?? known.set(value, `#${known.size + 1}`).get(value))
        : value;
    });
    (byNode[node] ??= []).push(JSON.parse(text));
  }
  return byNode;
}

describe("the engine does what Node-RED does", () => {
  for (const one of cases)
    it(`${one.name}`, async () => {
      const nodes = JSON.parse(JSON.stringify(one.nodes).replaceAll("SERVER", web.url)) as typeof one.nodes; // was that
      const expected = withoutChance(await stock.run(nodes, one.message, one.quietMs), one);
      const got = withoutChance((await engine.run(nodes, one.message)).arrivals, one);
      if (one.differs) expect(got).not.toEqual(expected);
      else expect(got).toEqual(expected);
    });
});
