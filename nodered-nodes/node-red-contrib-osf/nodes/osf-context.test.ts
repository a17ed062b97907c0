import { expect, it } from "vitest";
import { host } from "../test/runtime.ts";
import { scriptedOsf } from "../test/scripted-osf.ts";

it("asks the engine for the sender where it knows", async () => {
  const senders = ["Orders", "Orders", "Stock"];
  const osf = scriptedOsf({
    delivery: () => {
      const name = senders.shift() ?? "";
      return { key: "run_1/1", from: { id: `id-${name}`, type: "function", name } };
    },
  });
  const { give, send } = await host(osf, {
    type: "osf-context",
    count: 2,
    keyBy: "upstream",
    group: "all",
    overrides: [{ from: "Stock", key: "stock_level" }],
  });
  send({ payload: 1 });
  send({ payload: 2 });
  const { out } = await give({ payload: 3 });
  expect(out[0]).toMatchObject([{ payload: { Orders: 2, stock_level: 3 } }]);
});

it("is done with the messages that it holds only when it sends what it collected", async () => {
  const { send, seen, give, until } = await host(undefined, {
    type: "osf-context",
    count: 2,
    keyBy: "topic",
    group: "all",
  });
  send({ topic: "a", payload: 1 });
  await until(() => seen.statuses.at(-1)?.text === "1 / 2");
  expect([seen.completed, seen.out[0]]).toEqual([[], []]);
  await give({ topic: "b", payload: 2 });
  expect(seen.completed).toMatchObject([{ topic: "a" }, { topic: "b" }]);
});

it("keeps executions apart that arrive at the same time", async () => {
  const { send, seen, until } = await host(undefined, { type: "osf-context", count: 2, keyBy: "topic" });
  send({ _msgid: "one", topic: "a", payload: 1 });
  send({ _msgid: "two", topic: "a", payload: 2 });
  send({ _msgid: "two", topic: "b", payload: 3 });
  send({ _msgid: "one", topic: "b", payload: 4 });
  await until(() => seen.out[0]?.length === 2);
  expect(seen.out[0]).toMatchObject([{ payload: { a: 2, b: 3 } }, { payload: { a: 1, b: 4 } }]);
});

it("sends what there is when told so, into the property that is set", async () => {
  const { send, give } = await host(undefined, {
    type: "osf-context",
    count: 9,
    keyBy: "property",
    keyProperty: "machine.id",
    group: "all",
    value: "oee",
    target: "context",
  });
  send({ machine: { id: "M-1" }, oee: 80, payload: "p" });
  const { out } = await give({ complete: true });
  expect(out[0]).toMatchObject([{ context: { "M-1": 80 }, payload: "p" }]);
  expect(out[0]?.[0]).not.toHaveProperty("complete");
});

it("gives messages without a name keys of their own", async () => {
  const { send, give } = await host(undefined, { type: "osf-context", count: 3, keyBy: "topic", group: "all" });
  send({ payload: 1 });
  send({ payload: 2 });
  expect((await give({ payload: 3 })).out[0]).toMatchObject([{ payload: { input1: 1, input2: 2, input3: 3 } }]);
});
