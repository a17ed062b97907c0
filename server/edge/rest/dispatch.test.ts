import { afterEach, beforeEach, describe, expect, vi } from "vitest";
import { createApiKey } from "#server/features/accounts/index.ts";
import { createMetrics } from "#server/features/health/metrics.ts";
import { startRun } from "#server/features/runs/index.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { readSse } from "#tests/support/sse.ts";
import { it, type World } from "#tests/support/world.ts";
import { actorForRequest } from "../actor.ts";
import { createDispatcher } from "./dispatch.ts";
import { allRoutes } from "./routes.ts";

let dispatch: (request: Request, path: string) => Promise<Response>;
let closing: AbortController;
beforeEach<{ world: World }>(({ world: { deps } }) => {
  closing = new AbortController();
  dispatch = createDispatcher({
    deps,
    routes: allRoutes(createMetrics(deps), { version: "0", url: "http://localhost" }),
    actorFor: (request, again) => actorForRequest(deps, request, { again }),
    limit: async () => ({}),
    observe: () => undefined,
    closing: closing.signal,
  });
});
afterEach(() => void vi.useRealTimers());

type Asked = { key?: string; headers?: Record<string, string>; body?: unknown; signal?: AbortSignal };
const ask = (method: string, path: string, { key, headers = {}, body, signal }: Asked = {}) =>
  dispatch(
    new Request(`http://localhost${path}`, {
      method,
      headers: {
        ...headers,
        ...(key ? { "X-API-Key": key } : {}),
        ...(body ? { "Content-Type": "application/json" } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      ...(signal ? { signal } : {}),
    }),
    path.split("?")[0] ?? path,
  );
const problemOf = async (response: Response) => ({
  status: response.status,
  contentType: response.headers.get("content-type"),
  ...((await response.json()) as { code: string; requestId: string }),
});
const keyOf = async ({ deps }: World, actor: Actor) =>
  (await createApiKey(deps, actor, { name: "test", scopes: [] })).key;
const runOf = async ({ deps }: World, actor: Actor) =>
  (
    await deps.db.$transaction((tx) =>
      startRun(deps, tx, actor, { kind: "agent", title: "Test run", trigger: "test", input: {} }),
    )
  ).run;

describe("every answer", () => {
  it("of a wrong method is a problem too, and says which methods there are", async () => {
    const response = await ask("DELETE", "/health");
    expect(response.headers.get("allow")).toBe("GET");
    expect(await problemOf(response)).toMatchObject({
      status: 405,
      code: "route.method",
      contentType: "application/problem+json",
    });
  });

  it("names its request under both names, with the caller's id where that is well-formed", async () => {
    for (const path of ["/health", "/nothing"]) {
      const { headers } = await ask("GET", path, {
        headers: { "X-Request-Id": "??", "X-Correlation-ID": "caller-00001" },
      });
      expect([headers.get("x-request-id"), headers.get("x-correlation-id")]).toEqual(["caller-00001", "caller-00001"]);
    }
  });

  it("to what PostgreSQL cannot store is 400, not a mistake of ours", async ({ world }) => {
    const key = await keyOf(world, await world.actor());
    for (const response of [
      await ask("POST", "/chat/sessions", { key, body: { message: "a\0b" } }),
      await ask("GET", "/api/runs/a%00b", { key }),
      await ask("GET", "/api/runs?search=%00", { key }),
      await ask("POST", "/v1/chat/completions", {
        key,
        body: { model: "osf-free", messages: [{ role: "user", content: "a\0b" }] },
      }),
      await ask("POST", "/chat/sessions", {
        key,
        body: { message: "x" },
        headers: { "Idempotency-Key": "k".repeat(9_000) },
      }),
    ])
      expect(await problemOf(response)).toMatchObject({ status: 400, contentType: "application/problem+json" });
  });
});

describe("a stream", () => {
  it("from beyond the end of the log still ends with its run", async ({ world }) => {
    const actor = await world.actor();
    const key = await keyOf(world, actor);
    const run = await runOf(world, actor);
    const response = await ask("GET", `/api/runs/${run.id}/events`, { key, headers: { "Last-Event-ID": "999" } });
    await ask("POST", `/api/runs/${run.id}/cancel`, { key });
    const types: unknown[] = [];
    for await (const { event } of readSse(response)) types.push(event);
    expect(types).toEqual(["cancelled"]);
  });

  it("holds no subscription once its reader left, though the request is not aborted, and is no error", async ({
    world,
  }) => {
    const actor = await world.actor();
    const run = await runOf(world, actor);
    const key = await keyOf(world, actor);
    const { live, log } = world.deps;
    const complaints = vi.spyOn(log, "error");
    let held = 0;
    const original = live.subscribe.bind(live);
    const subscribe = vi.spyOn(live, "subscribe").mockImplementation((...given) => {
      const leave = original(...given);
      held++;
      return () => {
        held--;
        leave();
      };
    });
    const response = await ask("GET", `/api/runs/${run.id}/events`, { key });
    const reader = response.body?.getReader();
    await reader?.read();
    await vi.waitFor(() => expect(held).toBe(1));
    await reader?.cancel();
    await vi.waitFor(() => expect(held).toBe(0));
    expect(complaints).not.toHaveBeenCalled();
    subscribe.mockRestore();
    complaints.mockRestore();
  });

  it("asked for by HEAD is headers only", async ({ world }) => {
    const actor = await world.actor();
    const run = await runOf(world, actor);
    const response = await ask("HEAD", `/api/runs/${run.id}/events`, { key: await keyOf(world, actor) });
    expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([
      200,
      "text/event-stream; charset=utf-8",
      "",
    ]);
  });

  it("ends within 15 s after its credential was revoked, and not before", async ({ world }) => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const actor = await world.actor();
    const run = await runOf(world, actor);
    const key = await keyOf(world, actor);
    const response = await ask("GET", `/api/runs/${run.id}/events`, { key });
    let over = false;
    const text = response.text().finally(() => (over = true));
    await vi.advanceTimersByTimeAsync(15_000);
    expect(over).toBe(false);
    await world.deps.db.apiKey.updateMany({ where: { userId: actor.userId }, data: { revokedAt: new Date() } });
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await text).toBe("retry: 1000\n\n: beat\n\n: beat\n\n");
  });
});

describe("while the server stops", () => {
  it("new requests are told to come back, it is alive but not ready, and streams end", async ({ world }) => {
    const actor = await world.actor();
    const key = await keyOf(world, actor);
    const run = await runOf(world, actor);
    const stream = await ask("GET", `/api/runs/${run.id}/events`, { key });
    closing.abort();
    expect(await stream.text()).toBe("retry: 1000\n\n");
    for (const [method, path] of [
      ["GET", "/api/runs"],
      ["POST", "/chat/sessions"],
      ["GET", "/health/ready"],
    ] as const) {
      const response = await ask(method, path, { key });
      expect(response.headers.get("retry-after")).toBe("5");
      expect(await problemOf(response)).toMatchObject({ status: 503, code: "shutting.down" });
    }
    expect((await ask("GET", "/health/live")).status).toBe(200);
  });
});
