import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import type { Actor } from "../../../kernel/actor.ts";
import { createRequestStates } from "../clients/request-state.ts";
import { createSealer } from "./sealed.ts";
import { createTaskIds, withTaskIds } from "../surface/tasks.ts";

const sealer = createSealer(randomBytes(32));
const person = (more: Partial<Actor> = {}): Actor => ({
  userId: "usr_1",
  name: "Olga",
  email: "olga@test.local",
  workspaceId: "wsp_1",
  role: "operator",
  owner: false,
  via: "token",
  credentialId: "ses_1",
  scopes: null,
  ...more,
});

it("opens what it sealed, for the same purpose only", () => {
  const sealed = sealer.seal({ a: 1 }, { use: "x", n: 1 });
  expect(sealer.open(sealed, { n: 1, use: "x" })).toEqual({ a: 1 });
  expect(sealer.open(sealed, { use: "x", n: 2 })).toBeUndefined();
  expect(createSealer(randomBytes(32)).open(sealed, { use: "x", n: 1 })).toBeUndefined();
});

it("opens nothing that was changed in any character, cut or added to", () => {
  const sealed = sealer.seal({ a: 1 }, {});
  for (let at = 0; at < sealed.length; at++) {
    const other = sealed[at] === "A" ? "B" : "A";
    expect(sealer.open(sealed.slice(0, at) + other + sealed.slice(at + 1), {}), `character ${at}`).toBeUndefined();
  }
  for (const wrong of [`${sealed}-TAMPERED`, `${sealed} `, `${sealed}=`, sealed.slice(0, -1), "", "no", "ä"])
    expect(sealer.open(wrong, {}), wrong).toBeUndefined();
});

it("seals anew each time, unless it is to be steady", () => {
  expect(sealer.seal({ a: 1 }, {})).not.toBe(sealer.seal({ a: 1 }, {}));
  const steady = (content: object, purpose: object) => sealer.seal({ ...content }, { ...purpose }, { steady: true });
  expect(steady({ a: 1 }, { p: 1 })).toBe(steady({ a: 1 }, { p: 1 }));
  expect(steady({ a: 1 }, { p: 1 })).not.toBe(steady({ a: 1 }, { p: 2 }));
  expect(sealer.open(steady({ a: 1 }, { p: 1 }), { p: 1 })).toEqual({ a: 1 });
});

const used = new Set<string>();
let now = new Date("2026-11-21T12:00:00Z");
const states = createRequestStates({
  sealer,
  clock: { now: () => now },
  useOnce: async (id) => !used.has(id) && !!used.add(id),
});
const asked = (more: object = {}, params: object = {}) => ({
  endpoint: "/mcp",
  method: "tools/call",
  params: { name: "qms.block", arguments: { lot: "A", count: 2 }, ...params },
  ...more,
});

it("gives a request's state back once, whatever order its arguments are in", async () => {
  const state = states.seal(person(), asked(), { upstream: "theirs" });
  expect(state).not.toContain("theirs");
  const again = asked({}, { arguments: { count: 2, lot: "A" } });
  expect(await states.open(person(), again, state)).toEqual({ upstream: "theirs" });
  await expect(states.open(person(), again, state)).rejects.toMatchObject({
    code: -32602,
    message: expect.stringContaining("used already"),
  });
});

it.each([
  ["another person", person({ userId: "usr_2" }), asked()],
  ["another workspace", person({ workspaceId: "wsp_2" }), asked()],
  ["another credential", person({ credentialId: "key_1" }), asked()],
  ["another tool", person(), asked({}, { name: "qms.release" })],
  ["other arguments", person(), asked({}, { arguments: { lot: "B", count: 2 } })],
  ["no arguments", person(), asked({}, { arguments: undefined })],
  ["another endpoint", person(), asked({ endpoint: "/mcp/servers/qms" })],
  ["another method", person(), asked({ method: "prompts/get" })],
])("refuses a request's state from %s", async (_who, actor, about) => {
  const state = states.seal(person(), asked(), { upstream: "theirs" });
  await expect(states.open(actor, about, state)).rejects.toMatchObject({
    code: -32602,
    message: expect.stringContaining("not given to you"),
  });
});

it("refuses a request's state after ten minutes", async () => {
  const state = states.seal(person(), asked(), { upstream: "theirs" });
  now = new Date(now.getTime() + 10 * 60_000 + 1);
  await expect(states.open(person(), asked(), state)).rejects.toMatchObject({
    code: -32602,
    message: expect.stringContaining("expired"),
  });
});

it("knows a task by one id, of the person it was given to alone", () => {
  const tasks = createTaskIds(sealer);
  const id = tasks.seal(person(), "erp", "t-1");
  expect(tasks.seal(person({ credentialId: "ses_2" }), "erp", "t-1")).toBe(id);
  expect(tasks.open(person(), id)).toEqual({ upstream: "erp", taskId: "t-1" });
  for (const stranger of [person({ userId: "usr_2" }), person({ workspaceId: "wsp_2" })])
    expect(() => tasks.open(stranger, id)).toThrow("does not exist");
  expect(() => tasks.open(person(), "t-1")).toThrow("does not exist");
});

it("replaces ids of tasks wherever they stand, and nothing else", () => {
  const replace = (id: string) => `sealed-${id}`;
  const plain = { content: [], structuredContent: { taskId: "mine" } };
  expect(withTaskIds(plain, replace)).toBe(plain);
  expect(
    withTaskIds(
      {
        taskId: "a",
        task: { taskId: "b", status: "working" },
        _meta: { "io.modelcontextprotocol/related-task": { taskId: "c" }, other: 1 },
      },
      replace,
    ),
  ).toEqual({
    taskId: "sealed-a",
    task: { taskId: "sealed-b", status: "working" },
    _meta: { "io.modelcontextprotocol/related-task": { taskId: "sealed-c" }, other: 1 },
  });
});
