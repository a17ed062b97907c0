import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { silent } from "#tests/support/tool-gateway.ts";
import { sseResponse } from "./sse.ts";

it("leaves nothing on the signal, which may outlive it, of a stream that came to its end", async () => {
  const { signal } = new AbortController();
  const call = { signal, stillAllowed: async () => true, requestId: "request-1", deps: { log: silent } };
  const response = sseResponse(call as unknown as Parameters<typeof sseResponse>[0], async function* () {
    yield { event: "one", data: {} };
  });
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
  expect(await response.text()).toContain("event: one");
  expect(getEventListeners(signal, "abort")).toEqual([]);
});
