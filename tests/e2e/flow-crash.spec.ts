import { expect, test } from "@playwright/test";
import { setTimeout as pause } from "node:timers/promises";
import { startCountingServer, type CountingServer } from "#tests/support/counting-server.ts";
import { flowClient } from "#tests/support/flow-client.ts";
import { debug, delay, fn, inject, node, post } from "#tests/support/flow-nodes.ts";
import { descendants, freePort, startInstance, type Instance } from "#tests/support/instance.ts";

test.setTimeout(180_000);
test.describe.configure({ mode: "serial" });

/** `kill -9` of every process of the product at the same moment, then a new start on the same folder. */
let product: Instance;
let counter: CountingServer;
let env: Record<string, string>;
test.beforeAll(async () => {
  counter = await startCountingServer();
  env = { PORT: String(await freePort()), OSF_ALLOW_PRIVATE_HOSTS: "127.0.0.0/8" };
  product = await startInstance({ env });
});
test.afterAll(async () => {
  await product?.remove();
  await counter?.close();
});
test.beforeEach(() => {
  counter.bodies.length = 0;
});

async function killEverythingAndStartAgain(): Promise<void> {
  const launcher = product.launcher.pid ?? -1;
  for (const pid of [launcher, ...descendants(launcher).map((one) => one.pid)])
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // ended with another of them
    }
  product = await startInstance({ env, dataDir: product.dataDir });
}

test("while a flow waits in a delay after a POST: it completes, and the POST was made once", async () => {
  const flows = flowClient(product);
  const id = await flows.create("Kill in delay", [
    inject("i", ["p"], { order: 7 }),
    post("p", `${counter.url}/orders`, ["w"]),
    delay("w", 9_000, ["f"]),
    fn("f", "msg.payload = ['after', msg.payload.n]; return msg;", ["d"]),
    debug("d"),
  ]);
  const run = await flows.start(id);
  await flows.untilStep(run, "w", "running");
  expect(counter.bodies).toEqual(['{"order":7}']);
  await pause(300);
  await killEverythingAndStartAgain();
  const after = await flowClient(product).until(run, ["completed", "failed"]);
  expect(after).toMatchObject({ status: "completed", output: { payload: ["after", 1] } });
  expect(after.attempt).toBeGreaterThan(1);
  expect(counter.bodies).toEqual(['{"order":7}']);
  const steps = await flowClient(product).steps(run);
  expect(steps.map((step) => [step.node, step.status])).toEqual(["i", "p", "w", "f", "d"].map((n) => [n, "done"]));
});

test("while an approval is open: it is still there, and its answer completes the run", async () => {
  const flows = flowClient(product);
  const id = await flows.create("Kill in approval", [
    inject("i", ["p"], "order"),
    post("p", `${counter.url}/orders`, ["h"]),
    node(
      "h",
      "osf-human-input",
      {
        question: "Shall we?",
        options: [
          { value: "yes", label: "Yes" },
          { value: "no", label: "No" },
        ],
        outputs: 2,
      },
      ["f"],
      [],
    ),
    fn("f", "msg.payload = 'agreed'; return msg;", ["d"]),
    debug("d"),
  ]);
  const run = await flows.start(id);
  await flows.until(run, ["waiting"]);
  await killEverythingAndStartAgain();
  const again = flowClient(product);
  const open = await again.ask<{ items: { id: string; runId: string }[] }>("GET", "/api/approvals");
  expect(open.items.map(({ runId }) => runId)).toContain(run);
  await again.ask("POST", `/api/runs/${run}/respond`, { decision: "yes" });
  expect(await again.until(run, ["completed", "failed"])).toMatchObject({
    status: "completed",
    output: { payload: "agreed" },
  });
  expect(counter.bodies.length).toBe(1);
});

test("inside a join that has half of its messages: the other half completes it", async () => {
  const flows = flowClient(product);
  const join = {
    mode: "custom",
    build: "array",
    property: "payload",
    propertyType: "msg",
    key: "topic",
    joiner: "\\n",
    joinerType: "str",
    accumulate: false,
    timeout: "",
    count: "4",
  };
  const id = await flows.create("Kill in join", [
    inject("i", ["q1", "s"], 1),
    fn("q1", "return [[{payload: 'a'}, {payload: 'b'}]];", ["j"]),
    delay("s", 9_000, ["p"]),
    post("p", `${counter.url}/late`, ["q2"]),
    fn("q2", "return [[{payload: 'c'}, {payload: 'd'}]];", ["j"]),
    node("j", "join", join, ["d"]),
    debug("d"),
  ]);
  const run = await flows.start(id);
  await flows.untilStep(run, "s", "running");
  await pause(300);
  await killEverythingAndStartAgain();
  expect(await flowClient(product).until(run, ["completed", "failed"])).toMatchObject({
    status: "completed",
    output: { payload: ["a", "b", "c", "d"] },
  });
  expect(counter.bodies.length).toBe(1);
});

test("inside a function: it is executed again from its message, and what was before it is not", async () => {
  const flows = flowClient(product);
  const id = await flows.create("Kill in function", [
    inject("i4", ["p4"], "x"),
    post("p4", `${counter.url}/before`, ["f4"]),
    fn("f4", "await new Promise(r => setTimeout(r, 6000)); msg.payload = 'slept'; return msg;", ["d4"]),
    debug("d4"),
  ]);
  const run = await flows.start(id);
  await flows.untilStep(run, "f4", "running");
  await pause(300);
  await killEverythingAndStartAgain();
  expect(await flowClient(product).until(run, ["completed", "failed"])).toMatchObject({
    status: "completed",
    output: { payload: "slept" },
  });
  expect(counter.bodies.length).toBe(1);
});
