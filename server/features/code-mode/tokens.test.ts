import { describe, expect } from "vitest";
import { startFactory } from "#server/factory/start-factory.ts";
import { startManyTools } from "#tests/support/many-tools.ts";
import type { ModelRequest, Scripted } from "#tests/support/scripted-model.ts";
import { answerOf, ended, ends, model, send, worker } from "#tests/support/turns.ts";
import { until } from "#tests/support/until.ts";
import { it } from "#tests/support/world.ts";
import { tokensOf } from "../own-tools/index.ts";

const QUESTION = "Give me a picture of the plant in five figures";
/** Five tools, one of each system, whose results are tables. */
const CALLS = ["erp.list_orders", "wms.list_inventory", "qms.list_defects", "fertigung.list_oee", "tms.list_shipments"];
const CODE = `
  const names = ${JSON.stringify(CALLS)};
  const totals: Record<string, number> = {};
  for (const name of names) {
    const [server, tool] = name.split(".");
    totals[name] = ((await tools[server][tool]({ limit: 500 })) as { total: number }).total;
  }
  return totals;`;
type Called = NonNullable<Scripted["calls"]>[number];
const resultsOf = ({ messages }: ModelRequest) => messages.filter(({ role }) => role === "tool").length;

/** Tokens that went to the model and came from it, over all its calls. */
const spent = (requests: ModelRequest[], answers: Scripted[]) => ({
  calls: requests.length,
  tools: tokensOf(JSON.stringify(requests[0]?.tools)),
  read: requests.reduce((sum, { messages, tools }) => sum + tokensOf(JSON.stringify({ messages, tools })), 0),
  written: answers.reduce((sum, { text, calls }) => sum + tokensOf(JSON.stringify({ text, calls })), 0),
});

describe("a task that needs five calls", () => {
  it("costs far fewer tokens as code than call by call", async ({ world }) => {
    const factory = await startFactory({ seed: "a", ports: { erp: 0, wms: 0, qms: 0, fertigung: 0, tms: 0 } });
    ends.push(() => factory.stop());
    world.setUpstreams(factory.servers);
    const actor = await world.actor({ role: "operator" });
    await until("the tools of the factory", async () => {
      const names = new Set((await world.deps.tools.list(actor)).map(({ name }) => name));
      return CALLS.every((name) => names.has(name));
    });
    const measure = async (script: (request: ModelRequest) => Scripted) => {
      const answers: Scripted[] = [];
      const server = await model((request) => {
        const answer = script(request);
        answers.push(answer);
        return answer;
      });
      const at = await worker(world, server.url, { flows: true });
      const { sessionId, runId } = await send(world, actor, QUESTION);
      await ended(world, runId, 30_000);
      await at.stop(0);
      const answer = await answerOf(world, actor, sessionId);
      expect(answer?.parts.filter((part) => part.type === "tool").map(({ state }) => state)).not.toContain("failed");
      return spent(server.requests, answers);
    };
    const one = (call: (name: string) => Called) => (request: ModelRequest) => {
      const next = CALLS[resultsOf(request)];
      return next ? { calls: [call(next)] } : { text: ["Five figures."] };
    };
    const all = (calls: Called[]) => (request: ModelRequest) =>
      resultsOf(request) === 0 ? { calls } : { text: ["Five figures."] };
    const direct = (name: string) => ({ name: name.replace(".", "__"), args: { limit: 500 } });
    const byName = (name: string) => ({ name: "mcp-exec", args: { name, arguments: { limit: 500 } } });
    const code = { name: "run_code", args: { code: CODE } };

    const offered = {
      oneByOne: await measure(one(direct)),
      atOnce: await measure(all(CALLS.map(direct))),
      asCode: await measure(all([code])),
    };
    const more = [await startManyTools(100), await startManyTools(100, 100)];
    for (const { stop } of more) ends.push(stop);
    world.setUpstreams([...factory.servers, ...more.map(({ url }, i) => ({ name: `more${i}`, url }))]);
    await until("246 tools", async () => (await world.deps.tools.list(actor)).length === 246);
    const behind = { oneByOne: await measure(one(byName)), asCode: await measure(all([code])) };

    console.info(`five calls, tokens (estimated): ${JSON.stringify({ offered, behind }, null, 1)}`);
    for (const { oneByOne, asCode } of [offered, behind]) expect(asCode.read).toBeLessThan(oneByOne.read / 4);
    expect(offered.asCode.read).toBeLessThan(offered.atOnce.read);
    for (const { tools } of Object.values(behind)) expect(tools).toBeLessThanOrEqual(1_500);
  }, 120_000);
});
