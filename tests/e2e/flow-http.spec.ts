import { flowClient } from "#tests/support/flow-client.ts";
import { debug, fn, inject, node } from "#tests/support/flow-nodes.ts";
import { allSse } from "#tests/support/sse.ts";
import { expect, test } from "./product.ts";

const NODES = [
  inject("oee-start", ["oee-low"], { machine: "M1", oee: 71 }),
  fn("oee-low", "msg.payload.low = msg.payload.oee < 85; return msg;", ["oee-text"]),
  node(
    "oee-text",
    "change",
    {
      rules: [
        {
          t: "set",
          p: "payload",
          pt: "msg",
          to: 'payload.machine & (payload.low ? " is low" : " is fine")',
          tot: "jsonata",
        },
      ],
    },
    ["oee-out"],
  ),
  debug("oee-out"),
];

test("a program creates a flow, runs it, reads its four steps and its events, and resumes anywhere", async ({
  product,
}) => {
  const flows = flowClient(product);
  const id = await flows.create("OEE by HTTP", NODES);
  const run = await flows.start(id);
  const ended = await flows.until(run, ["completed", "failed"]);
  expect(ended).toMatchObject({ status: "completed", output: { payload: "M1 is low" } });

  const steps = await flows.steps(run);
  expect(steps.map(({ seq, node: at, status, from, port }) => [seq, at, status, from, port])).toEqual([
    [1, "oee-start", "done", null, null],
    [2, "oee-low", "done", 1, 0],
    [3, "oee-text", "done", 2, 0],
    [4, "oee-out", "done", 3, 0],
  ]);
  const details = await Promise.all(
    steps.map(({ seq }) =>
      flows.ask<{
        input: { payload: unknown };
        outputs: { port: number; to: number | null; msg: { payload: unknown } }[];
        durationMs: number;
      }>("GET", `/api/runs/${run}/steps/${seq}`),
    ),
  );
  expect(details.slice(1).map(({ input }) => input.payload)).toEqual([
    { machine: "M1", oee: 71 },
    { machine: "M1", oee: 71, low: true },
    "M1 is low",
  ]);
  expect(details.map(({ outputs }) => outputs.map(({ port, to, msg }) => [port, to, msg.payload]))).toEqual([
    [[0, 2, { machine: "M1", oee: 71 }]],
    [[0, 3, { machine: "M1", oee: 71, low: true }]],
    [[0, 4, "M1 is low"]],
    [],
  ]);

  const read = async (after?: number) =>
    allSse(
      await fetch(`${product.url}/api/runs/${run}/events`, {
        headers: {
          Authorization: `Bearer ${await product.token("admin")}`,
          ...(after === undefined ? {} : { "Last-Event-ID": String(after) }),
        },
      }),
    );
  const all = await read();
  expect(all.map((event) => Number(event.id))).toEqual(all.map((_, i) => i + 1));
  expect(all.at(-1)?.event).toBe("done");
  const last = new Map(
    all
      .filter(({ event }) => event === "steps")
      .flatMap(({ data }) => (data["data"] as { steps: { seq: number; node: string; status: string }[] }).steps)
      .map((change) => [change.seq, [change.node, change.status]]),
  );
  expect([...last.values()]).toEqual(["oee-start", "oee-low", "oee-text", "oee-out"].map((at) => [at, "done"]));
  for (let after = 1; after <= all.length; after++) expect(await read(after)).toEqual(all.slice(after));
});
