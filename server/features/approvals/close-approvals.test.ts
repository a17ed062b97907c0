import { expect } from "vitest";
import { newId } from "#server/kernel/ids.ts";
import { it } from "#tests/support/world.ts";
import { expireApprovals } from "./close-approvals.ts";
import { requestApproval } from "./request-approval.ts";
import { asks, podOf } from "./test-approvals.ts";

it("withdraws a question of a flow in a pod when the pod has ended, whose memory alone held the flow", async ({
  world,
}) => {
  const [actor, other] = [await world.actor(), await world.actor()];
  const [pod] = [await podOf(world, actor), await podOf(world, other)];
  const asked = await requestApproval(world.deps, asks(actor));
  const others = await requestApproval(world.deps, asks(other));
  const consent = await requestApproval(world.deps, {
    ...asks(actor, { expiresIn: 60 }),
    kind: "tool",
    tool: { name: "plant.book", argsHash: "x" },
  });
  const state = async ({ id }: { id: string }) =>
    (await world.deps.db.approval.findUniqueOrThrow({ where: { id } })).status;
  await world.deps.db.pod.update({ where: { id: pod.id }, data: { state: "draining" } });
  await expireApprovals(world.deps);
  expect(await state(asked)).toBe("open");
  await world.deps.db.pod.update({ where: { id: pod.id }, data: { state: "terminated" } });
  // The seat's next pod knows nothing of it.
  await world.deps.db.pod.create({
    data: { ...pod, id: newId("pod"), busy: {}, createdAt: new Date(Date.now() + 60_000) },
  });
  await expireApprovals(world.deps);
  expect(await Promise.all([asked, others, consent].map(state))).toEqual(["cancelled", "open", "open"]);
});
