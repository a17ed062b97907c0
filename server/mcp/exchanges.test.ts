import { describe, expect, it, vi } from "vitest";
import { startEverything } from "#tests/conformance/server/everything.ts";
import { startsOfTests } from "#tests/support/starts-of-tests.ts";
import { startCountingUpstream } from "#tests/support/mcp-upstream.ts";
import { definition, operator, startTestGateway } from "#tests/support/tool-gateway.ts";
import type { Exchange, Json, Stage } from "./exchange.ts";
import type { GatewayChange } from "./gateway.ts";
import type { ToolReview, Verdict } from "./review.ts";

const kept = startsOfTests();

const ASKABLE: Json = { elicitation: { form: {} }, sampling: {}, roots: {} };
const request = (method: string, params: Json, more: Partial<Exchange> = {}): Exchange => ({
  caller: { actor: operator, through: { kind: "mcp-client", id: "inspector" } },
  method,
  params,
  capabilities: {},
  timeoutMs: 5_000,
  ...more,
});
const call = (name: string, args: Json = {}, more?: Partial<Exchange>) =>
  request("tools/call", { name, arguments: args }, more);
const textOf = (result: Json) => (result["content"] as { text: string }[])[0]?.text;

async function plant(era: "modern" | "legacy", options: Parameters<typeof startTestGateway>[1] = {}) {
  const upstream = kept(await startEverything(era));
  const gateway = kept(await startTestGateway([definition("all", upstream.url)], options));
  return { ...gateway, exchange: (one: Exchange) => gateway.tools.exchange("all", one) };
}

describe.each(["modern", "legacy"] as const)("a %s upstream", (era) => {
  it("offers its tools, resources, templates and prompts, with what it says of itself", async () => {
    const { tools } = await plant(era);
    const [offer] = await tools.offers(operator);
    expect(offer).toMatchObject({
      era,
      protocol: era === "modern" ? "2026-07-28" : "2025-11-25",
      serverInfo: { name: "everything", version: "1.0.0" },
      capabilities: { tools: { listChanged: true }, resources: { subscribe: true } },
    });
    expect(offer!.resources.map(({ uri }) => uri)).toContain("test://static-text");
    expect(offer!.templates.map(({ uriTemplate }) => uriTemplate)).toEqual(["test://template/{id}/data"]);
    expect(offer!.prompts.map(({ name }) => name)).toContain("test_simple_prompt");
    expect(offer!.tools.find(({ listed }) => listed.name === "json_schema_2020_12_tool")?.listed).toMatchObject({
      inputSchema: { $schema: "https://json-schema.org/draft/2020-12/schema", additionalProperties: false },
    });
    expect(await tools.offer(operator, "all")).toBe(offer);
  });

  it("answers resources, prompts and completion as they are, with a row in the audit for what was read", async () => {
    const { exchange, audited } = await plant(era);
    expect(await exchange(request("resources/read", { uri: "test://template/7/data" }))).toMatchObject({
      contents: [{ uri: "test://template/7/data", text: expect.stringContaining("Data for ID: 7") }],
    });
    expect(
      await exchange(
        request("prompts/get", { name: "test_prompt_with_arguments", arguments: { arg1: "a", arg2: "b" } }),
      ),
    ).toMatchObject({ messages: [{ content: { text: "Prompt with arguments: arg1='a', arg2='b'" } }] });
    const ref = { type: "ref/prompt", name: "test_prompt_with_arguments" };
    expect(
      await exchange(request("completion/complete", { ref, argument: { name: "arg1", value: "p" } })),
    ).toMatchObject({ completion: { values: ["paris", "park", "party"] } });
    expect((await audited()).map(({ action, subject }) => `${action} ${subject}`)).toEqual([
      "resource.read all: test://template/7/data",
      "prompt.get all.test_prompt_with_arguments",
    ]);
  });

  it("has its errors passed on in its own words", async () => {
    const { exchange } = await plant(era);
    await expect(exchange(request("resources/read", { uri: "test://nowhere" }))).rejects.toMatchObject({
      name: "RpcError",
      code: expect.toSatisfy((code: number) => code === -32_002 || code === -32_602),
    });
    await expect(exchange(request("nothing/like-this", {}))).rejects.toMatchObject({ code: -32_601 });
  });

  it("tells progress without a token of the connection, and log messages from the level on", async () => {
    const { exchange } = await plant(era);
    const heard: { method: string; params: Json }[] = [];
    await exchange(call("test_tool_with_progress", {}, { notify: (one) => heard.push(one) }));
    expect(heard.map(({ params }) => params)).toEqual(
      [0, 50, 100].map((progress) => ({ progress, total: 100, message: `Completed step ${progress} of 100` })),
    );
    heard.length = 0;
    await exchange(call("test_tool_with_logging", {}, { logLevel: "info", notify: (one) => heard.push(one) }));
    expect(heard.map(({ method }) => method)).toEqual(Array(3).fill("notifications/message"));
    heard.length = 0;
    await exchange(call("test_tool_with_logging", {}, { logLevel: "error", notify: (one) => heard.push(one) }));
    expect(heard).toEqual([]);
  });

  it("has its changed lists announced, and offered from then on", async () => {
    const { tools, exchange } = await plant(era);
    const heard: GatewayChange[] = [];
    tools.onChange((change) => heard.push(change));
    const names = async () => (await tools.offer(operator, "all")).tools.map(({ listed }) => listed.name);
    expect(await names()).not.toContain("test_added_tool");
    await vi.waitFor(async () => {
      await exchange(call("test_trigger_tool_change"));
      await vi.waitFor(async () => expect(await names()).toContain("test_added_tool"), 500);
    }, 10_000);
    expect(heard).toContainEqual({
      upstreamId: "all",
      upstream: "all",
      workspaceId: null,
      userId: null,
      kind: "tools",
    });
    const before = heard.length;
    await exchange(call("test_trigger_prompt_change"));
    await vi.waitFor(() => expect(heard.slice(before)).toMatchObject([{ kind: "prompts" }]), 5_000);
  });
});

describe("an upstream of the 2025 revisions that asks back", () => {
  it("asks whoever made the call, over as many calls as there are at a time", async () => {
    const { exchange } = await plant("legacy");
    const people = Array.from({ length: 12 }, (_, i) => `Person ${i}`);
    const answers = await Promise.all(
      people.map((name) =>
        exchange(
          call(
            "test_input_required_result_elicitation",
            {},
            {
              capabilities: ASKABLE,
              ask: async ({ method, params }) => {
                expect(method).toBe("elicitation/create");
                expect(params).toMatchObject({ message: "What is your name?" });
                return { action: "accept", content: { name } };
              },
            },
          ),
        ),
      ),
    );
    expect(answers.map(textOf)).toEqual(people.map((name) => `Hello, ${name}!`));
  });

  it("asks for a sample of a model and for roots", async () => {
    const { exchange } = await plant("legacy");
    const ask: Exchange["ask"] = async ({ method }) =>
      method === "roots/list"
        ? { roots: [{ uri: "file:///plant", name: "Plant" }] }
        : { role: "assistant", model: "m", content: { type: "text", text: "Paris" } };
    const asked = { capabilities: ASKABLE, ask };
    expect(textOf(await exchange(call("test_sampling", { prompt: "Capital?" }, asked)))).toBe("LLM response: Paris");
    const roots = textOf(await exchange(call("test_input_required_result_list_roots", {}, asked)));
    expect(JSON.parse(roots ?? "")).toEqual([{ uri: "file:///plant", name: "Plant" }]);
  });

  it("is told by the session what its caller can do, and no more", async () => {
    const { exchange } = await plant("legacy");
    const ask: Exchange["ask"] = async () => ({ action: "accept", content: { name: "Olga" } });
    const capable = call(
      "test_input_required_result_capabilities",
      {},
      { capabilities: { elicitation: { form: {} } }, ask },
    );
    expect(textOf(await exchange(capable))).toBe("complete");
    expect(textOf(await exchange(call("test_input_required_result_capabilities")))).toBe("nothing to ask with");
  });

  it("waits for a person beyond the timeout of the call", async () => {
    const { exchange } = await plant("legacy");
    const slow: Exchange["ask"] = async () => {
      await new Promise((done) => setTimeout(done, 900));
      return { action: "accept", content: { name: "Slow" } };
    };
    const asked = call(
      "test_input_required_result_elicitation",
      {},
      { capabilities: ASKABLE, ask: slow, timeoutMs: 300 },
    );
    expect(textOf(await exchange(asked))).toBe("Hello, Slow!");
  });

  it("takes its question back when the caller gives up", async () => {
    const { exchange } = await plant("legacy");
    const caller = new AbortController();
    const reason = new Error("the client went away");
    const withdrawn = Promise.withResolvers<void>();
    const never: Exchange["ask"] = (_, signal) => {
      signal.addEventListener("abort", () => withdrawn.resolve());
      setImmediate(() => caller.abort(reason));
      return new Promise(() => undefined);
    };
    const asked = call(
      "test_input_required_result_elicitation",
      {},
      { capabilities: ASKABLE, ask: never, signal: caller.signal },
    );
    await expect(exchange(asked)).rejects.toBe(reason);
    await withdrawn.promise;
  });
});

it("passes on what an upstream of 2026-07-28 asks, and its answers, untouched", async () => {
  const { exchange, audited } = await plant("modern");
  const first = await exchange(call("test_input_required_result_request_state", {}, { capabilities: ASKABLE }));
  expect(first).toMatchObject({
    resultType: "input_required",
    inputRequests: { confirm: { method: "elicitation/create" } },
    requestState: expect.any(String),
  });
  const params = {
    name: "test_input_required_result_request_state",
    arguments: {},
    inputResponses: { confirm: { action: "accept", content: { ok: true } } },
    requestState: first["requestState"],
  };
  const last = await exchange(request("tools/call", params, { capabilities: ASKABLE }));
  expect(textOf(last)).toBe("state-ok");
  expect((await audited()).map(({ outcome, detail }) => [outcome, (detail as Json)["code"]])).toEqual([
    ["ok", "input.required"],
    ["ok", undefined],
  ]);
});

it("declares to an upstream of 2026-07-28 what each caller can do", async () => {
  const { exchange } = await plant("modern");
  const asked = (capabilities: Json) => exchange(call("test_input_required_result_capabilities", {}, { capabilities }));
  expect(textOf(await asked({}))).toBe("nothing to ask with");
  expect(Object.keys((await asked({ sampling: {} }))["inputRequests"] as Json)).toEqual(["greeting"]);
  await expect(exchange(call("test_missing_capability"))).rejects.toMatchObject({ code: -32_021 });
});

it("lets a call of somebody who cannot be asked fail with a reason", async () => {
  const { tools } = await plant("modern");
  const name = "all.test_input_required_result_elicitation";
  await expect(tools.call({ actor: operator, name, args: {} })).rejects.toMatchObject({ code: "tool.protocol" });
});

describe("stages", () => {
  it("stand on the way of every exchange, in order, and add headers, wait, repeat or refuse", async () => {
    const upstream = kept(await startCountingUpstream());
    const seen: string[] = [];
    const outer: Stage = async (exchange, target, next) => {
      seen.push(`outer ${exchange.method} ${target.tool?.class ?? "-"}`);
      return next(exchange, { ...target, headers: { ...target.headers, "X-Correlation-ID": "of the stage" } });
    };
    const inner: Stage = async (exchange, target, next) => {
      seen.push(`inner ${target.headers["X-Correlation-ID"]}`);
      await next(exchange, target);
      return next(exchange, target);
    };
    const gateway = kept(await startTestGateway([definition("wms", upstream.url)], { stages: [outer, inner] }));
    await gateway.tools.call({ actor: operator, name: "wms.read_stock", args: { material: "M" }, requestId: "req" });
    expect(seen).toEqual(["outer tools/call read", "inner of the stage"]);
    expect(upstream.calls().map(({ correlationId }) => correlationId)).toEqual(["of the stage", "of the stage"]);
    expect(await gateway.audited()).toHaveLength(1);
  });

  it("are told who agreed to a call, and the audit with them", async () => {
    const upstream = kept(await startCountingUpstream());
    const consent: Stage = (exchange, target, next) =>
      next({ ...exchange, caller: { ...exchange.caller, approverId: "usr_9" } }, target);
    const gateway = kept(await startTestGateway([definition("wms", upstream.url)], { stages: [consent] }));
    await gateway.tools.call({ actor: operator, name: "wms.plain", args: {}, through: { kind: "flow", id: "flw_1" } });
    expect(await gateway.audited()).toMatchObject([{ detail: { approverId: "usr_9", through: "flow flw_1" } }]);
  });

  it("cannot hold up a call until its tool is in quarantine, or judged otherwise, and send it then", async () => {
    const upstream = kept(await startCountingUpstream());
    let verdicts: Partial<Verdict> | null = {};
    let judged = (_upstreamId: string) => undefined as void;
    const review: ToolReview = {
      judge: async (_, listed) =>
        verdicts
          ? listed.map((one) => ({ definition: one, class: "read", consent: false, roles: [], ...verdicts }))
          : [],
      onChange: (heard) => ((judged = heard), () => undefined),
    };
    let consented = Promise.withResolvers<void>();
    const waiting: Stage = async (exchange, target, next) => {
      await consented.promise;
      return next(exchange, target);
    };
    const gateway = kept(await startTestGateway([definition("wms", upstream.url)], { stages: [waiting], review }));
    const call = () => gateway.tools.call({ actor: operator, name: "wms.plain", args: {} });
    const toolsNow = async () => (await gateway.tools.list(operator)).map((tool) => tool.class);
    await toolsNow();
    const changes: (Partial<Verdict> | null)[] = [
      { class: "dangerous" },
      { consent: true },
      { roles: ["admin"] },
      null,
    ];
    for (const later of changes) {
      verdicts = {};
      judged("wms");
      await vi.waitFor(async () => expect(await toolsNow()).toContain("read"));
      consented = Promise.withResolvers<void>();
      const waits = call();
      waits.catch(() => undefined);
      await vi.waitFor(async () => expect(await toolsNow()).not.toEqual([]));
      const changed = new Promise((done) => gateway.tools.onChange(done));
      verdicts = later;
      judged("wms");
      await changed;
      consented.resolve();
      await expect(waits).rejects.toMatchObject({ code: "tool.changed", hints: { extra: { mayHaveRun: false } } });
    }
    expect(upstream.calls()).toEqual([]);
  });
});
