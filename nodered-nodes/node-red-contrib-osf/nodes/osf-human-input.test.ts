import { expect, it } from "vitest";
import { host } from "../test/runtime.ts";
import { refusal, scriptedOsf } from "../test/scripted-osf.ts";

const options = [
  { value: "release", label: "Release", style: "primary" },
  { value: "block", label: "Block", style: "danger" },
  { value: "ask", label: "" },
];
const config = { type: "osf-human-input", title: "Lot {{lot}}", question: "Release lot {{lot}}?", options };

it("asks with everything that is set, and goes on by the output of the answer", async () => {
  const osf = scriptedOsf({
    approval: () => ({ decision: "block", values: { reason: "scratches" }, comment: "see photo" }),
  });
  const { give } = await host(
    osf,
    {
      ...config,
      detail: "payload",
      detailType: "msg",
      form: [
        { name: "reason", label: "Reason", type: "select", options: "scratches, size", required: true },
        { name: "count", label: "", type: "number", default: "2" },
        { name: "sure", label: "Sure", type: "boolean", default: "true" },
      ],
      expiry: "1.5",
      expiryUnit: "hours",
      defaultOption: "block",
      approvers: "ana@plant.test; {{lead}}",
      required: "2",
      notByStarter: true,
    },
    { outputs: 3 },
  );
  const { out, statuses } = await give({ payload: { scrap: 4 }, lot: "L-9", lead: "bo@plant.test" });
  expect(osf.calls[0]?.request).toEqual({
    title: "Lot L-9",
    question: "Release lot L-9?",
    detail: { scrap: 4 },
    options: [...options.slice(0, 2), { value: "ask", label: "ask" }],
    form: [
      { name: "reason", label: "Reason", type: "select", required: true, options: ["scratches", "size"] },
      { name: "count", label: "count", type: "number", default: 2 },
      { name: "sure", label: "Sure", type: "boolean", default: true },
    ],
    expiresIn: 5400,
    defaultOption: "block",
    approvers: ["ana@plant.test", "bo@plant.test"],
    required: 2,
    notByStarter: true,
  });
  expect([out[0], out[2]]).toEqual([[], []]);
  expect(out[1]).toMatchObject([
    {
      payload: { scrap: 4 },
      lot: "L-9",
      form: { reason: "scratches" },
      approval: {
        id: "apr_1",
        decision: "block",
        comment: "see photo",
        by: { name: "Ana" },
        at: "2026-01-02T03:04:05.000Z",
      },
    },
  ]);
  expect(statuses.map(({ text }) => text)).toEqual(["waiting for an answer", "Block"]);
});

it("asks no more than the question where no more is set", async () => {
  const osf = scriptedOsf({ approval: () => ({ decision: "ask", by: null }) });
  const { give } = await host(osf, { ...config, title: "", expiry: "", defaultOption: "block" }, { outputs: 3 });
  const { out } = await give({ payload: 1 });
  expect(osf.calls[0]?.request).toMatchObject({
    title: "Release lot ?",
    approvers: [],
    required: 1,
    notByStarter: false,
  });
  for (const absent of ["expiresIn", "defaultOption", "form", "detail"])
    expect(osf.calls[0]?.request).not.toHaveProperty(absent);
  expect(out[2]).toMatchObject([{ approval: { by: null } }]);
});

it("offers approve and reject where no options are set, and takes options that are bare names", async () => {
  const osf = scriptedOsf({ approval: () => ({ decision: "reject" }) });
  const standard = await host(osf, { ...config, options: undefined }, { outputs: 2 });
  expect((await standard.give({ payload: 1 })).out).toMatchObject([[], [{ approval: { decision: "reject" } }]]);
  const named = scriptedOsf({ approval: () => ({ decision: "Later" }) });
  const { give } = await host(named, { ...config, options: ["Now", { label: "Later" }] }, { outputs: 2 });
  expect((await give({ payload: 1 })).out[1]).toHaveLength(1);
});

it("fails where the question expires without a default, or is answered with what is no option", async () => {
  const expired = scriptedOsf({
    approval: () => {
      throw refusal("approval.expired", "Nobody answered within 1 h.");
    },
  });
  const first = await (await host(expired, { ...config, expiry: 1 }, { outputs: 3 })).give({ payload: 1 });
  expect(first.errors[0]?.error.code).toBe("approval.expired");
  const odd = scriptedOsf({ approval: () => ({ decision: "burn" }) });
  const second = await (await host(odd, config, { outputs: 3 })).give({ payload: 1 });
  expect(second.errors[0]?.error.code).toBe("approval.unknown-option");
});

it.each([
  ["no question", { question: " " }],
  ["no option", { options: [] }],
  ["an option without a name", { options: [{ value: "", label: "" }] }],
  ["two options of one value", { options: [options[0], options[0]] }],
  ["a default that is no option", { expiry: 1, defaultOption: "burn" }],
  ["no votes", { required: 0 }],
  ["a unit that there is not", { expiry: 1, expiryUnit: "moons" }],
])("refuses %s before anybody is asked", async (_what, change) => {
  const osf = scriptedOsf({ approval: () => ({}) });
  const { errors } = await (await host(osf, { ...config, ...change }, { outputs: 3 })).give({ payload: 1 });
  expect(errors[0]?.error.code).toBe("node.config");
  expect(osf.calls).toEqual([]);
});
