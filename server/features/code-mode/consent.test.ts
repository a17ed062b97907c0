import { describe, expect } from "vitest";
import { startCountingUpstream } from "#tests/support/mcp-upstream.ts";
import type { ModelRequest } from "#tests/support/scripted-model.ts";
import { definition } from "#tests/support/tool-gateway.ts";
import { answerOf, ended, ends, model, send, worker } from "#tests/support/turns.ts";
import { until } from "#tests/support/until.ts";
import { it, type World } from "#tests/support/world.ts";
import { createToolGateway } from "#server/mcp/create-gateway.ts";
import { createPolicyStage } from "#server/mcp/policy-stage.ts";
import { createConsentStage, respond } from "../approvals/index.ts";
import { keepResuming } from "../chat/index.ts";
import { createToolReview } from "../tool-review/index.ts";
import { auditWriter } from "../upstreams/index.ts";

/** An installation whose gateway asks for consent, as the product's does. */
async function withConsent(world: World) {
  const { deps } = world;
  const bench = await startCountingUpstream();
  const tools = createToolGateway({
    upstreams: { load: async () => [definition("bench", bench.url)], onChange: () => () => undefined },
    audit: auditWriter(deps),
    log: deps.log,
    clock: deps.clock,
    defaultTimeoutMs: 5_000,
    version: "test",
    review: createToolReview(deps),
    stages: [createPolicyStage(), createConsentStage(deps)],
  });
  ends.push(
    () => bench.stop(),
    () => tools.close(),
  );
  return { bench, plant: { ...world, deps: { ...deps, tools } } };
}
const results = ({ messages }: ModelRequest) => messages.filter(({ role }) => role === "tool").length;
const CODE = `
  const { stock } = (await tools.bench.read_stock({ material: "A" })) as { stock: number };
  if (stock === 42) return await tools.bench.erase({ id: "R-1" });`;

describe("a dangerous call that code makes", () => {
  for (const decision of ["approve", "reject"] as const)
    it(`is asked for with its very arguments while the turn waits; then: ${decision}`, async ({ world }) => {
      const { bench, plant } = await withConsent(world);
      const actor = await plant.actor({ role: "operator" });
      const server = await model((request) =>
        results(request) > 0 ? { text: ["Done."] } : { calls: [{ name: "run_code", args: { code: CODE } }] },
      );
      await worker(plant, server.url, { flows: true });
      ends.push(keepResuming(plant.deps, 50));
      const { sessionId, runId } = await send(plant, actor, "Erase R-1 if there is stock");
      const { db } = plant.deps;
      await until(
        "the turn waits",
        async () => (await db.run.findUniqueOrThrow({ where: { id: runId } })).status === "waiting",
        20_000,
      );
      const asked = await db.approval.findFirstOrThrow({ where: { workspaceId: actor.workspaceId, kind: "tool" } });
      expect(asked).toMatchObject({ tool: "bench.erase", detail: { arguments: { id: "R-1" } } });
      expect(bench.calls().map(({ name }) => name)).toEqual(["read_stock"]);
      await respond(plant.deps, actor, { id: asked.id, decision });
      await ended(plant, runId, 20_000);
      const answer = await answerOf(plant, actor, sessionId);
      if (decision === "approve") {
        expect(answer?.parts[0]).toMatchObject({ state: "ok", result: { result: { erased: "R-1" } } });
        expect(bench.calls().map(({ name }) => name)).toEqual(["read_stock", "erase"]);
      } else {
        expect(answer?.parts[0]).toMatchObject({
          state: "failed",
          result: expect.stringMatching(/refused by Test Person/) as string,
        });
        expect(bench.calls().map(({ name }) => name)).toEqual(["read_stock"]);
      }
    }, 60_000);
});
