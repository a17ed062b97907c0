import { expect, it } from "vitest";
import { host } from "../test/runtime.ts";
import { refusal, scriptedOsf } from "../test/scripted-osf.ts";

it("gives code, message and time limit to the host and makes a returned value the payload", async () => {
  const osf = scriptedOsf({ code: ({ msg }) => ({ oee: Number(msg["payload"]) * 2 }) });
  const { give } = await host(osf, { type: "osf-ts", code: "return { oee: msg.payload * 2 }", outputs: 1 });
  const { out } = await give({ payload: 21, order: 7 });
  expect(osf.calls[0]?.request).toMatchObject({ code: "return { oee: msg.payload * 2 }", timeoutMs: 120_000 });
  expect(out[0]).toMatchObject([{ payload: { oee: 42 }, order: 7, previous: 21 }]);
});

it("sends an array as one item a port, nothing where an item is null", async () => {
  const osf = scriptedOsf({ code: () => [{ payload: "a" }, null, 3] });
  const { give } = await host(osf, { type: "osf-ts", code: "…", outputs: 3, timeout: "600" }, { outputs: 3 });
  const { out } = await give({ payload: "x", order: 7 });
  expect(out).toMatchObject([[{ payload: "a", order: 7 }], [], [{ payload: 3, order: 7 }]]);
  expect(osf.calls[0]?.request).toMatchObject({ timeoutMs: 600_000 });
});

it("takes a list as one payload where there is one output", async () => {
  const { give } = await host(scriptedOsf({ code: () => [1, 2, 3] }), { type: "osf-ts", code: "…", outputs: 1 });
  expect((await give({ payload: "x" })).out[0]).toMatchObject([{ payload: [1, 2, 3] }]);
});

it("lets the code take properties off the message that it returns, but not the open HTTP request", async () => {
  const code = ({ msg }: { msg: Record<string, unknown> }) => ({ _msgid: msg["_msgid"], payload: 1 });
  const { give } = await host(scriptedOsf({ code }), { type: "osf-ts", code: "…" });
  const { out } = await give({ payload: "x", secret: "s", res: { open: true } });
  expect(out[0]?.[0]).toMatchObject({ payload: 1, res: { open: true } });
  expect(out[0]?.[0]).not.toHaveProperty("secret");
});

it("loses no item: more items than outputs are an error", async () => {
  const { give } = await host(
    scriptedOsf({ code: () => [1, 2, 3] }),
    { type: "osf-ts", code: "…", outputs: 2 },
    { outputs: 2 },
  );
  const { errors, out } = await give({ payload: "x" });
  expect(errors[0]?.error).toMatchObject({ code: "ts.outputs", message: expect.stringContaining("3 items") });
  expect(out).toEqual([[], []]);
});

it.each([
  ["no code", { code: " " }, "node.config"],
  ["more than ten minutes", { code: "…", timeout: 601 }, "node.config"],
  ["six outputs", { code: "…", outputs: 6 }, "node.config"],
])("refuses %s", async (_what, config, code) => {
  const osf = scriptedOsf({ code: () => 1 });
  const { give } = await host(osf, { type: "osf-ts", ...config });
  expect((await give({ payload: 1 })).errors[0]?.error.code).toBe(code);
  expect(osf.calls).toEqual([]);
});

it("keeps the code of an error from the sandbox", async () => {
  const code = () => {
    throw refusal("code.timeout", "The code took longer than 120 s.");
  };
  const { give } = await host(scriptedOsf({ code }), { type: "osf-ts", code: "…" });
  expect((await give({ payload: 1 })).errors[0]?.error.code).toBe("code.timeout");
});
