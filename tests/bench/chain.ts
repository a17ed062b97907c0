/** Ten nodes in a row, function, switch and change by turns, on the tab `t`; the first is `n0`. `end`: what the last is wired to. */
export function chain(end: string[] = []) {
  const at = (i: number) => ({ id: `n${i}`, z: "t", name: `n${i}`, x: 100 + i * 100, y: 100 });
  const wires = (i: number) => [i === 9 ? end : [`n${i + 1}`]];
  const kinds = [
    (i: number) => ({
      ...at(i),
      type: "function",
      func: "msg.payload.n += 1; return msg;",
      outputs: 1,
      libs: [],
      wires: wires(i),
    }),
    (i: number) => ({
      ...at(i),
      type: "switch",
      property: "payload.n",
      propertyType: "msg",
      rules: [{ t: "gte", v: "0", vt: "num" }],
      checkall: "true",
      repair: false,
      outputs: 1,
      wires: wires(i),
    }),
    (i: number) => ({
      ...at(i),
      type: "change",
      rules: [{ t: "set", p: `payload.p${i}`, pt: "msg", to: "payload.n", tot: "msg" }],
      wires: wires(i),
    }),
  ];
  return Array.from({ length: 10 }, (_, i) => kinds[i % 3]!(i)); // three of them
}

export const MESSAGE = {
  topic: "bench",
  payload: { n: 1, order: "4711", text: "a hundred pieces of the part, due at noon" },
};
