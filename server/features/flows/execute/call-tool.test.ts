import { expect } from "vitest";
import { recordOf } from "#server/kernel/actor.ts";
import { freePort } from "#tests/support/instance.ts";
import { startCountingUpstream } from "#tests/support/mcp-upstream.ts";
import { it } from "#tests/support/world.ts";
import { usableTool } from "./call-tool.ts";

it("finds a tool whose server is only just being connected, as after a restart", async ({ world }) => {
  const upstream = await startCountingUpstream();
  try {
    const caller = { actor: recordOf(await world.actor()), scopes: null, requestId: undefined, run: {} as never }; // not looked at
    world.setUpstreams([{ name: "late", url: upstream.url }]);
    expect(await usableTool(world.deps, caller, "late.book")).toMatchObject({ name: "late.book" });
    await expect(usableTool(world.deps, caller, "late.nothing")).rejects.toMatchObject({ code: "tool.missing" });
  } finally {
    await upstream.stop();
  }
});

it("says that a server which is not there cannot be reached", async ({ world }) => {
  const caller = { actor: recordOf(await world.actor()), scopes: null, requestId: undefined, run: {} as never }; // not looked at
  world.setUpstreams([{ name: "gone", url: `http://127.0.0.1:${await freePort()}/mcp` }]);
  await expect(usableTool(world.deps, caller, "gone.book")).rejects.toMatchObject({ code: "tool.unreachable" });
});
