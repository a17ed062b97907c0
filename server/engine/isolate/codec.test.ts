import { describe, expect, it } from "vitest";
import { hostCodec } from "./host-codec.ts";

const through = (value: unknown) => hostCodec.decode(hostCodec.encode(value));

describe("values as text", () => {
  it.each([
    ["plain JSON", { a: [1, "x", true, null, { b: -1.5 }] }],
    ["undefined in an object and a list", { a: undefined, b: [undefined] }],
    ["numbers that JSON lacks", [Number.NaN, Infinity, -Infinity]],
    ["big integers", { n: 2n ** 80n }],
    ["dates, also invalid ones", [new Date(5), new Date(Number.NaN)]],
    ["buffers", { b: Buffer.from([0, 255, 10]) }],
    ["typed arrays", [new Float64Array([1.5, 2]), new Uint16Array([1, 65535]), new Uint8Array([1]).buffer]],
    ["regular expressions", /a\/b/giu],
    ["maps and sets, nested", new Map<unknown, unknown>([[{ k: 1 }, new Set([1, new Date(1)])]])],
    ["keys that look like tags", { $: "d", v: 5, deeper: [{ $: "u" }, { $: 1 }] }],
    ["a key named toJSON", { toJSON: 1, d: new Date(1) }],
    ["text with every kind of character", "\u0000\ud800 \u2028 ü \"'\\"],
  ])("%s come back as they were", (_name, value) => {
    expect(through(value)).toEqual(value);
  });

  it("keeps name, message, cause and own properties of errors", () => {
    const error = Object.assign(new TypeError("wrong", { cause: new Error("deeper") }), {
      code: "E_X",
      at: new Date(1),
    });
    const back = through({ error }) as { error: typeof error };
    expect(back.error).toBeInstanceOf(Error);
    expect(back.error).toMatchObject({ name: "TypeError", message: "wrong", code: "E_X", at: new Date(1) });
    expect(back.error.cause).toMatchObject({ message: "deeper" });
    expect(back.error.stack).toBe(error.stack);
  });

  it("keeps cycles through objects, lists, maps and errors", () => {
    const value: Record<string, unknown> = { list: [] as unknown[] };
    (value["list"] as unknown[]).push(value, new Map([["up", value]]), Object.assign(new Error("e"), { up: value }));
    const back = through(value) as { list: [unknown, Map<string, unknown>, { up: unknown }] };
    expect(back.list[0]).toBe(back);
    expect(back.list[1].get("up")).toBe(back);
    expect(back.list[2].up).toBe(back);
  });

  it("does not share what was shared, so a text is as large as what it says", () => {
    const shared = { at: new Date(1) };
    const back = through([shared, shared]) as object[];
    expect(back[0]).toEqual(back[1]);
    expect(back[0]).not.toBe(back[1]);
  });

  it("loses functions and symbols, and what classes add", () => {
    class Point {
      x = 1;
      double() {
        return this.x * 2;
      }
    }
    expect(through({ f: () => 1, s: Symbol("s"), p: new Point() })).toEqual({
      f: undefined,
      s: undefined,
      p: { x: 1 },
    });
    expect((through(new Point()) as object).constructor).toBe(Object);
  });

  it("never sets a prototype from a key, in plain texts, tagged ones and parts that are plain", () => {
    const evil = JSON.parse('{"a": {"__proto__": {"polluted": 1}}}') as object;
    for (const text of [
      hostCodec.encode(evil),
      hostCodec.encode({ evil, d: new Date(1) }),
      `t[${hostCodec.part(evil)}]`,
    ]) {
      expect(text).toContain("__proto__");
      const back = hostCodec.decode(text);
      expect(JSON.stringify(back)).not.toContain("polluted");
      expect(({} as { polluted?: number }).polluted).toBeUndefined();
    }
  });

  it("refuses what is nested more deeply than anybody can walk", () => {
    let deep: unknown = new Date(1);
    for (let i = 0; i < 600; i++) deep = [deep];
    expect(() => hostCodec.encode(deep)).toThrow(expect.objectContaining({ code: "function.depth" }));
  });
});
