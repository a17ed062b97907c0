import { expect, it } from "vitest";
import { host } from "../test/runtime.ts";
import { refusal, scriptedOsf } from "../test/scripted-osf.ts";

const config = { type: "osf-sub-flow", flow: "flw_1", flowName: "Check stock" };

it("runs the flow with the payload and goes on with its result", async () => {
  const osf = scriptedOsf({
    flow: () => ({ status: "completed", output: { payload: { ok: true }, messages: [{ node: "x", payload: 1 }] } }),
  });
  const { out } = await (await host(osf, config)).give({ payload: { sku: "A" }, order: 7 });
  expect(osf.calls[0]?.request).toEqual({ flow: "flw_1", payload: { sku: "A" }, wait: true });
  expect(out[0]).toMatchObject([
    { payload: { ok: true }, previous: { sku: "A" }, order: 7, run: { id: "run_2", status: "completed" } },
  ]);
});

it("keeps the payload where it does not wait", async () => {
  const osf = scriptedOsf({ flow: () => ({ status: "queued" }) });
  const { out } = await (
    await host(osf, { ...config, wait: false, input: "order", inputType: "msg" })
  ).give({
    payload: 1,
    order: 7,
  });
  expect(osf.calls[0]?.request).toEqual({ flow: "flw_1", payload: 7, wait: false });
  expect(out[0]).toMatchObject([{ payload: 1, run: { id: "run_2", status: "queued" } }]);
});

it("fails where the flow did", async () => {
  const osf = scriptedOsf({ flow: () => ({ status: "failed" }) });
  const { errors } = await (await host(osf, config)).give({ payload: 1 });
  expect(errors[0]?.error).toMatchObject({
    code: "flow.not-completed",
    message: expect.stringContaining("Check stock"),
    cause: { runId: "run_2", status: "failed" },
  });
});

it("hands on that flows are nested too deep, and that none is chosen", async () => {
  const flow = () => {
    throw refusal("flow.depth", "Sub-flows nest five deep at most.");
  };
  const deep = await (await host(scriptedOsf({ flow }), config)).give({ payload: 1 });
  expect(deep.errors[0]?.error.code).toBe("flow.depth");
  const none = await (await host(scriptedOsf({}), { type: "osf-sub-flow" })).give({ payload: 1 });
  expect(none.errors[0]?.error.code).toBe("node.config");
});

it("answers the editor with the flows, and says so where there is no gateway", async () => {
  const flows = [{ id: "flw_1", name: "Check stock" }];
  const { request } = await host(scriptedOsf({ flows }), config);
  expect(await request().get("/osf/flows")).toMatchObject({ status: 200, body: flows });
});

it("tells the editor that there is no gateway", async () => {
  const { request } = await host(undefined, config);
  expect(await request().get("/osf/flows")).toMatchObject({ status: 503, body: { code: "osf.missing" } });
});
