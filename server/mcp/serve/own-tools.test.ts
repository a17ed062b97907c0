import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { AppError } from "../../kernel/errors.ts";
import type { OwnTool } from "./own-tools.ts";
import { askModern, startTestEndpoint, type TestEndpoint } from "./test-endpoint.ts";

let endpoint: TestEndpoint;
let mcp: string;
beforeAll(async () => {
  endpoint = await startTestEndpoint([]);
  mcp = `${endpoint.url}/mcp`;
});
afterAll(() => endpoint.stop());

const calls: unknown[] = [];
const tool = (name: string, more: Partial<OwnTool> = {}): OwnTool => ({
  definition: {
    name,
    description: name,
    inputSchema: { type: "object", properties: { flow: { type: "string" } }, required: ["flow"] },
  },
  permission: "flow.run",
  async call({ actor, through }, args) {
    calls.push({ user: actor.userId, through, args });
    return { content: [{ type: "text", text: "done" }] };
  },
  ...more,
});
beforeEach(() => {
  calls.length = 0;
  endpoint.own.tools = [
    tool("run_flow"),
    tool("needs_admin", { permission: "workspace.write" }),
    tool("fails", {
      call: async () => {
        throw new AppError("conflict", "flow.busy", "The flow is busy", { extra: { runId: "run_1" } });
      },
    }),
    tool("breaks", {
      call: async () => {
        throw new Error("secret of the inside");
      },
    }),
    tool("asks", {
      async call(_caller, _args, { ask, progress }) {
        progress(1, 2, "half");
        const { action } = await ask({
          method: "elicitation/create",
          params: { message: "Really?", requestedSchema: {} },
        });
        return { content: [{ type: "text", text: String(action) }] };
      },
    }),
  ];
});
const call = (name: string, args: object = { flow: "f" }, asked: object = {}) =>
  askModern(mcp, "tools/call", { name, arguments: args }, asked);

it("are listed without prefix to who holds their permission", async () => {
  const names = async (token: string) =>
    ((await askModern(mcp, "tools/list", {}, { token })).result.tools as { name: string }[]).map(({ name }) => name);
  expect(await names("olga")).toEqual(["asks", "breaks", "fails", "run_flow"]);
  expect(await names("vera")).toEqual([]);
});

it("are called as the person, through the client", async () => {
  expect((await call("run_flow")).result).toMatchObject({ content: [{ text: "done" }], resultType: "complete" });
  expect(calls).toEqual([{ user: "usr_1", through: { kind: "mcp-client", id: "test" }, args: { flow: "f" } }]);
});

it("are not reached with wrong arguments, or without the permission", async () => {
  expect((await call("run_flow", { flow: 1 })).result).toMatchObject({
    isError: true,
    _meta: { "osf/error": { code: "tool.arguments", fields: [{ path: "flow" }] } },
  });
  expect((await call("run_flow", {}, { token: "vera" })).result).toMatchObject({
    _meta: { "osf/error": { code: "auth.role" } },
  });
  expect((await call("needs_admin")).result).toMatchObject({ _meta: { "osf/error": { code: "auth.role" } } });
  const scoped = await call("run_flow", { flow: "f" }, { token: "scoped" });
  expect([scoped.status, scoped.headers.get("www-authenticate")]).toEqual([
    403,
    expect.stringContaining('scope="flow.run"'),
  ]);
  expect((await call("none")).error).toMatchObject({ code: -32602 });
  expect(calls).toEqual([]);
});

it("leave one row each in the audit, whatever becomes of them, without arguments", async () => {
  const from = endpoint.audited.length;
  await call("run_flow", { flow: "a secret" });
  await call("run_flow", {}, { token: "vera" });
  await call("fails");
  await call("breaks");
  await call("none");
  const rows = endpoint.audited.slice(from);
  expect(rows.map(({ action, subject, outcome, detail }) => [action, subject, outcome, detail["code"]])).toEqual([
    ["tool.call", "run_flow", "ok", undefined],
    ["tool.call", "run_flow", "refused", "auth.role"],
    ["tool.call", "fails", "failed", "flow.busy"],
    ["tool.call", "breaks", "failed", "bug"],
    ["tool.call", "none", "failed", "rpc.-32602"],
  ]);
  expect(rows[0]).toMatchObject({
    actor: { userId: "usr_1", workspaceId: "wsp_1", via: "api-key" },
    durationMs: expect.any(Number),
    detail: { through: "mcp-client test", argsHash: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
  expect(JSON.stringify(rows)).not.toContain("a secret");
});

it("tell a foreseen failure to the model, and nothing of a mistake", async () => {
  expect((await call("fails")).result).toMatchObject({
    isError: true,
    content: [{ text: "The flow is busy" }],
    _meta: { "osf/error": { code: "flow.busy", runId: "run_1" } },
  });
  const broken = await call("breaks");
  expect([broken.status, broken.error?.code]).toEqual([500, -32603]);
  expect(JSON.stringify(broken)).not.toContain("secret");
});

it("ask the person in the middle, and report progress", async () => {
  const asked = await call("asks", { flow: "f" }, { capabilities: { elicitation: {} }, meta: { progressToken: 7 } });
  expect(asked.before).toMatchObject([{ params: { progressToken: 7, progress: 1, total: 2, message: "half" } }]);
  expect(asked.result).toMatchObject({
    resultType: "input_required",
    inputRequests: { q1: { params: { message: "Really?" } } },
  });
  const again = { requestState: asked.result.requestState, inputResponses: { q1: { action: "decline" } } };
  const answer = (more: object) =>
    askModern(
      mcp,
      "tools/call",
      { name: "asks", arguments: { flow: "f" }, ...more },
      { capabilities: { elicitation: {} } },
    );
  expect((await answer(again)).result).toMatchObject({ content: [{ text: "decline" }] });
  expect((await answer(again)).error).toMatchObject({ code: -32602, message: expect.stringContaining("used already") });
  const unable = await call("asks");
  expect([unable.status, unable.error]).toMatchObject([
    400,
    { code: -32021, data: { requiredCapabilities: { elicitation: { form: {} } } } },
  ]);
});

it("are not at the endpoint of one server", async () => {
  expect((await askModern(`${mcp}/servers/run_flow`, "tools/list")).status).toBe(404);
});
