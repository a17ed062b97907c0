import type { Graph, Start } from "#server/engine/contract.ts";

/** A flow for the tests of recovery, with what makes it hard in its name. */
export interface TestFlow {
  name: string;
  graph: Graph;
  start?: Start;
  answer?: (op: string, args: unknown) => unknown;
  /** Payloads that reach debug nodes, in any order. */
  comes: unknown[];
}

export const inject = (payload: unknown, ...next: string[]) => ({
  id: "in",
  type: "inject",
  props: [
    { p: "payload", v: JSON.stringify(payload), vt: "json" },
    { p: "topic", v: "t", vt: "str" },
  ],
  wires: [next],
});
export const debug = (id = "out") => ({ id, type: "debug", active: true, complete: "payload", wires: [] });
export const change = (id: string, to: string, ...next: string[]) => ({
  id,
  type: "change",
  rules: [{ t: "set", p: "payload", pt: "msg", to, tot: "jsonata" }],
  wires: [next],
});
export const code = (id: string, text: string, ...next: string[]) => ({
  id,
  type: "function",
  code: text,
  wires: [next],
});
export const split = (...next: string[]) => ({
  id: "split",
  type: "split",
  splt: "\\n",
  spltType: "str",
  arraySplt: 1,
  wires: [next],
});
export const delay = (id: string, ms: string, ...next: string[]) => ({
  id,
  type: "delay",
  pauseType: "delay",
  timeout: ms,
  timeoutUnits: "milliseconds",
  wires: [next],
});
export const join = (more: object, ...next: string[]) => ({
  id: "join",
  type: "join",
  mode: "auto",
  build: "array",
  property: "payload",
  propertyType: "msg",
  ...more,
  wires: [next],
});
export const rate = (more: object) => ({
  id: "rate",
  type: "delay",
  pauseType: "rate",
  timeout: "1",
  timeoutUnits: "seconds",
  rate: "2",
  nbRateUnits: "1",
  rateUnits: "second",
  ...more,
});
