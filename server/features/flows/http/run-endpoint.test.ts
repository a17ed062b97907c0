import { describe, expect } from "vitest";
import type { NodeDef } from "#server/engine/contract.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { AppError } from "#server/kernel/errors.ts";
import { until } from "#tests/support/until.ts";
import { it, type World } from "#tests/support/world.ts";
import { RunWorker, watchRun, type Execution, type RunEventView, type RunResult } from "../../runs/index.ts";
import { removeFlow, updateFlow } from "../change-flow.ts";
import { deployDocument } from "../documents.ts";
import { engineStart, type FlowRunInput } from "../flow-input.ts";
import { inject, makeFlow, node, tab } from "../test-flows.ts";
import { matchEndpoint } from "./match-endpoint.ts";
import { runEndpoint } from "./run-endpoint.ts";

const endpoint = (id: string, method: string, url: string, more: object = {}) =>
  node(id, "http in", { method, url, ...more }, ["r"]);
const serving = (...nodes: NodeDef[]) => [tab(), ...nodes, node("r", "http response")];

/** Executes flows in the place of the engine: what a run does is given by the text in its request's path. */
async function withWorker<T>(
  { deps }: World,
  execute: (execution: Execution, msg: Record<string, unknown>) => Promise<RunResult>,
  body: () => Promise<T>,
): Promise<T> {
  const worker = new RunWorker(deps, {
    executors: [
      {
        kind: "flow",
        resumesFrom: "steps",
        execute: (execution) => {
          const { msg = "{}" } = engineStart(execution.run.input as unknown as FlowRunInput);
          return execute(execution, JSON.parse(msg) as Record<string, unknown>);
        },
      },
    ],
    settlers: [],
  });
  await worker.start();
  try {
    return await body();
  } finally {
    await worker.stop(1_000);
  }
}

/** Answers with the message that the run begins with. */
const echo = async (execution: Execution, msg: Record<string, unknown>): Promise<RunResult> => {
  execution.emit("http_reply", { statusCode: 200, headers: {}, body: JSON.stringify(msg) });
  return {};
};

async function request(
  { deps }: World,
  actor: Actor,
  method: string,
  url: string,
  init: {
    body?: string | Uint8Array<ArrayBuffer> | FormData;
    headers?: Record<string, string>;
    withinMs?: number;
    signal?: AbortSignal;
  } = {},
) {
  const { withinMs, ...rest } = init;
  const match = await matchEndpoint(deps, actor.workspaceId, method, url.split("?")[0] ?? url, actor.userId);
  if (!match) return null;
  const asked = new Request(`http://gateway.example/flows/http${url}`, { method, ...rest });
  return runEndpoint(deps, actor, match, asked, {
    url,
    requestId: "req_1",
    ...(withinMs === undefined ? {} : { withinMs }),
  });
}

describe("finding the flow that answers", () => {
  const find = async ({ deps }: World, actor: Actor, method: string, path: string, userId?: string) =>
    (await matchEndpoint(deps, actor.workspaceId, method, path, userId))?.flow.name ?? null;

  it("goes by method and path, in the editor's order, and follows every change", async ({ world }) => {
    const actor = await world.actor();
    expect(await find(world, actor, "GET", "/orders/7")).toBeNull();
    const one = await makeFlow(world, actor, serving(endpoint("h", "get", "orders/:id")), "One");
    expect(await find(world, actor, "GET", "/orders/7")).toBe("One");
    expect(await find(world, actor, "HEAD", "/orders/7")).toBe("One");
    expect(await find(world, actor, "POST", "/orders/7")).toBeNull();
    await updateFlow(world.deps, actor, { id: one.id, disabled: true });
    expect(await find(world, actor, "GET", "/orders/7")).toBeNull();
    await updateFlow(world.deps, actor, { id: one.id, disabled: false });
    expect(await find(world, actor, "GET", "/orders/7")).toBe("One");
    await removeFlow(world.deps, actor, one);
    expect(await find(world, actor, "GET", "/orders/7")).toBeNull();
  });

  it("hears of changes that another process made", async ({ world }) => {
    const actor = await world.actor();
    expect(await find(world, actor, "GET", "/x")).toBeNull();
    const { live, ...elsewhere } = world.deps;
    const other = { ...live, subscribe: live.subscribe, publishIn: live.publishIn } as typeof live;
    await deployDocument({ ...elsewhere, live: other }, actor, {
      nodes: serving(endpoint("h", "get", "/x")),
      source: "editor",
    });
    await until("the endpoint of the other process", () => find(world, actor, "GET", "/x"));
  });

  it("prefers the caller's own; leaves to pods what the engine cannot run, and to others what is theirs", async ({
    world,
  }) => {
    const [a, b] = [await world.actor(), await world.actor()];
    const colleague = await world.actor({ workspaceId: a.workspaceId });
    await makeFlow(world, a, serving(endpoint("h", "get", "/same")), "A");
    await makeFlow(world, colleague, serving(endpoint("h", "get", "/same")), "C");
    await makeFlow(world, a, serving(endpoint("h", "get", "/pod"), node("e", "exec")), "Pod");
    expect(await find(world, a, "GET", "/same", a.userId)).toBe("A");
    expect(await find(world, a, "GET", "/same", colleague.userId)).toBe("C");
    expect(await find(world, a, "GET", "/same")).toBe("A");
    expect(await find(world, a, "GET", "/pod")).toBeNull();
    expect(await find(world, b, "GET", "/same")).toBeNull();
  });
});

describe("a request to a flow", () => {
  it("is answered by a run that gets it as Node-RED's http in node would make it", async ({ world }) => {
    const actor = await world.actor();
    await makeFlow(world, actor, serving(endpoint("p", "post", "/orders/:id"), endpoint("g", "get", "/orders/:id")));
    await withWorker(world, echo, async () => {
      const headers = {
        "content-type": "application/json",
        authorization: "Bearer secret",
        "x-api-key": "osf_secret",
        cookie: "osf-8080.session=secret; theme=dark%20blue",
      };
      const posted = await request(world, actor, "POST", "/orders/a%20b?x=1&y[z]=2", { headers, body: '{"n":1}' });
      expect(posted?.status).toBe(200);
      const text = (await posted?.text()) ?? "";
      expect(text).not.toContain("secret");
      expect(JSON.parse(text)).toEqual({
        payload: { n: 1 },
        req: {
          method: "POST",
          url: "/orders/a%20b?x=1&y[z]=2",
          path: "/orders/a%20b",
          headers: { "content-type": "application/json" },
          params: { id: "a b" },
          query: { x: "1", y: { z: "2" } },
          cookies: { theme: "dark blue" },
          body: { n: 1 },
        },
      });
      const got = (await (await request(world, actor, "GET", "/orders/7?a=1"))?.json()) as { payload: unknown };
      expect(got.payload).toEqual({ a: "1" });
      const run = await world.deps.db.run.findFirstOrThrow({ where: { id: posted?.headers.get("x-run-id") ?? "" } });
      expect(run).toMatchObject({ trigger: "http", status: "completed" });
      expect(JSON.stringify(run)).not.toContain("secret");
    });
  });

  it("is given the credentials in the answer, which nobody else is", async ({ world }) => {
    const actor = await world.actor();
    await makeFlow(world, actor, serving(endpoint("g", "get", "/sign-in")));
    const signIn = async (execution: Execution): Promise<RunResult> => {
      const headers = { "x-session-token": "hunter22" };
      execution.emit("http_reply", { statusCode: 200, headers, body: "welcome" });
      return {};
    };
    await withWorker(world, signIn, async () => {
      const answer = await request(world, actor, "GET", "/sign-in");
      expect(answer?.headers.get("x-session-token")).toBe("hunter22");
      expect(await answer?.text()).toBe("welcome");
      const id = answer?.headers.get("x-run-id") ?? "";
      const stored = await world.deps.db.runEvent.findMany({ where: { runId: id } });
      const watched: RunEventView[] = [];
      for await (const event of watchRun(world.deps, id, 0, AbortSignal.timeout(5_000))) watched.push(event);
      expect(stored.map(({ type }) => type)).toContain("http_reply");
      expect(JSON.stringify([stored, watched])).not.toContain("hunter22");
      expect(JSON.stringify(watched)).toContain("•••");
    });
  });

  it("has its body parsed by its type", async ({ world }) => {
    const actor = await world.actor();
    await makeFlow(
      world,
      actor,
      serving(
        endpoint("p", "post", "/any"),
        endpoint("u", "post", "/upload", { upload: true }),
        endpoint("w", "post", "/raw", { skipBodyParsing: true }),
      ),
    );
    await withWorker(world, echo, async () => {
      const payloadOf = async (url: string, type: string | null, body: string | Uint8Array<ArrayBuffer>) => {
        const response = await request(world, actor, "POST", url, {
          body,
          headers: type === null ? {} : { "content-type": type },
        });
        const msg = (await response?.json()) as { payload: unknown } | undefined;
        return msg?.payload;
      };
      expect(await payloadOf("/any", "application/json; charset=utf-8", "[1]")).toEqual([1]);
      expect(await payloadOf("/any", "application/json", "")).toEqual({});
      expect(await payloadOf("/any", "application/x-www-form-urlencoded", "a=1&b=2")).toEqual({ a: "1", b: "2" });
      expect(await payloadOf("/any", "text/csv", "a,b")).toBe("a,b");
      expect(await payloadOf("/any", "application/soap+xml", "<a/>")).toBe("<a/>");
      expect(await payloadOf("/any", "application/graphql", "{a}")).toBe("{a}");
      const bytes = new Uint8Array([0, 255, 1]);
      expect(await payloadOf("/any", "application/octet-stream", bytes)).toEqual({ $buffer: "AP8B" });
      expect(await payloadOf("/any", "image/png", bytes)).toEqual({ $buffer: "AP8B" });
      expect(await payloadOf("/raw", "application/json", '{"a":1}')).toEqual({
        $buffer: Buffer.from('{"a":1}').toString("base64"),
      });
      const form = new FormData();
      form.set("note", "x");
      form.set("scan", new File([bytes], "scan.bin", { type: "image/x" }));
      const uploaded = (await (await request(world, actor, "POST", "/upload", { body: form }))?.json()) as {
        payload: unknown;
        req: { files: unknown };
      };
      expect(uploaded.payload).toEqual({ note: "x" });
      expect(uploaded.req.files).toEqual([
        { fieldname: "scan", originalname: "scan.bin", mimetype: "image/x", size: 3, buffer: { $buffer: "AP8B" } },
      ]);
    });
    await expect(
      request(world, actor, "POST", "/any", { body: "{", headers: { "content-type": "application/json" } }),
    ).rejects.toMatchObject({ kind: "invalid", code: "request.body" });
    await expect(
      request(world, actor, "POST", "/any", { body: new Uint8Array(10 * 1024 * 1024 + 1) }),
    ).rejects.toMatchObject({ kind: "large", code: "request.large" });
    expect(await world.deps.db.run.count({ where: { workspaceId: actor.workspaceId, endedAt: null } })).toBe(0);
  });

  it("is told when the run ends without an answer, and why it failed", async ({ world }) => {
    const actor = await world.actor();
    await makeFlow(world, actor, serving(endpoint("g", "get", "/:what")));
    const act = async (_: Execution, msg: Record<string, unknown>): Promise<RunResult> => {
      const { what } = (msg["req"] as { params: { what: string } }).params;
      if (what === "fail") throw new AppError("upstream", "tool.failed", "The machine is off");
      return { output: 1 };
    };
    await withWorker(world, act, async () => {
      const silent = await request(world, actor, "GET", "/silent");
      expect([silent?.status, await silent?.text()]).toEqual([204, ""]);
      const failed = await request(world, actor, "GET", "/fail");
      expect(failed?.headers.get("content-type")).toBe("application/problem+json");
      expect(await failed?.json()).toMatchObject({
        status: 502,
        code: "tool.failed",
        detail: "The machine is off",
        requestId: "req_1",
        run_id: failed?.headers.get("x-run-id"),
      });
    });
  });

  it("that takes too long answers 504 with the run, which goes on; so it does when the caller is gone", async ({
    world,
  }) => {
    const actor = await world.actor();
    await makeFlow(world, actor, serving(endpoint("g", "get", "/slow")));
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const act = async (): Promise<RunResult> => {
      await held;
      return { output: "late" };
    };
    await withWorker(world, act, async () => {
      const late = await request(world, actor, "GET", "/slow", { withinMs: 50 });
      expect(late?.status).toBe(504);
      expect(await late?.json()).toMatchObject({ code: "flow.timeout" });
      const gone = new AbortController();
      const asked = request(world, actor, "GET", "/slow", { signal: gone.signal });
      await until(
        "the second run",
        async () => (await world.deps.db.run.count({ where: { workspaceId: actor.workspaceId } })) === 2,
      );
      gone.abort();
      await asked;
      release();
      await until("both runs", async () => {
        const runs = await world.deps.db.run.findMany({ where: { workspaceId: actor.workspaceId } });
        return runs.every(({ status, output }) => status === "completed" && output === "late");
      });
    });
  });

  it("with a known key is answered by the first run, whatever its headers", async ({ world }) => {
    const actor = await world.actor();
    await makeFlow(world, actor, serving(endpoint("p", "post", "/book")));
    await withWorker(world, echo, async () => {
      const book = async (body: string, trace: string) =>
        request(world, actor, "POST", "/book", {
          body,
          headers: { "idempotency-key": "k1", "content-type": "text/plain", traceparent: trace },
        });
      const [first, again] = [await book("7", "a"), await book("7", "b")];
      expect(again?.headers.get("x-run-id")).toBe(first?.headers.get("x-run-id"));
      expect(await again?.text()).toBe(await first?.text());
      await expect(book("8", "c")).rejects.toMatchObject({ code: "idempotency.mismatch" });
      expect(await world.deps.db.run.count({ where: { workspaceId: actor.workspaceId } })).toBe(1);
    });
  });

  it("needs the right to run the flow", async ({ world }) => {
    const owner = await world.actor({ role: "editor" });
    await makeFlow(world, owner, serving(inject("i", "r"), endpoint("g", "get", "/x")));
    const as = async (role: "viewer" | "editor") => world.actor({ role, workspaceId: owner.workspaceId });
    await expect(request(world, await as("viewer"), "GET", "/x")).rejects.toMatchObject({ kind: "forbidden" });
    await expect(request(world, await as("editor"), "GET", "/x")).rejects.toMatchObject({ kind: "forbidden" });
    await expect(request(world, { ...owner, scopes: ["flow.read"] }, "GET", "/x")).rejects.toMatchObject({
      kind: "forbidden",
    });
    expect(await world.deps.db.run.count({ where: { workspaceId: owner.workspaceId } })).toBe(0);
  });
});
