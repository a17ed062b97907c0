import { describe, expect, it } from "vitest";
import { restore, snapshot } from "#server/engine/snapshot.ts";

const roundTrip = (value: unknown) => restore(snapshot(value));

describe("snapshot", () => {
  it("is plain JSON for plain data", () => {
    const message = { payload: { a: [1, "two", null, true] }, topic: "x" };
    expect(snapshot(message)).toBe(JSON.stringify(message));
    expect(roundTrip(message)).toEqual(message);
  });

  it("keeps what JSON would lose", () => {
    const message = {
      nothing: undefined,
      numbers: [Number.NaN, Infinity, -Infinity, -0],
      big: 12345678901234567890n,
      date: new Date("2026-01-02T03:04:05.678Z"),
      noDate: new Date(Number.NaN),
      buffer: Buffer.from("ä€"),
      floats: new Float32Array([1.5, -2]),
      pattern: /a+b/gi,
      map: new Map<unknown, unknown>([[{ key: 1 }, new Set([1, "x"])]]),
      holes: [undefined, 1],
    };
    expect(roundTrip(message)).toEqual(message);
    expect(roundTrip(Buffer.from([0, 255]))).toBeInstanceOf(Buffer);
  });

  it("keeps errors with code, cause and stack", () => {
    const error = Object.assign(new TypeError("broken", { cause: new Error("below") }), { code: "E_X", at: [1] });
    const back = roundTrip({ error }) as { error: Error & { code: string; at: number[] } };
    expect(back.error).toBeInstanceOf(Error);
    expect(back.error).toMatchObject({ name: "TypeError", message: "broken", code: "E_X", at: [1] });
    expect(back.error.stack).toBe(error.stack);
    expect((back.error.cause as Error).message).toBe("below");
  });

  it("survives cycles and keeps them", () => {
    const message: Record<string, unknown> = { payload: { list: [] as unknown[] } };
    message["self"] = message;
    (message["payload"] as { list: unknown[] }).list.push(message["payload"]);
    const back = roundTrip(message) as { self: unknown; payload: { list: unknown[] } };
    expect(back.self).toBe(back);
    expect(back.payload.list[0]).toBe(back.payload);
  });

  it("keeps a cycle below a map, a set and an error", () => {
    const error: Error & { own?: unknown } = new Error("x");
    error.own = { error };
    const map = new Map<string, unknown>();
    map.set("me", map);
    const back = roundTrip({ a: { error }, map }) as { a: { error: typeof error }; map: typeof map };
    expect((back.a.error.own as { error: unknown }).error).toBe(back.a.error);
    expect(back.map.get("me")).toBe(back.map);
  });

  it("does not take data for tags", () => {
    const message = { payload: { $date: "x" }, deep: { $plain: { $ref: [] } }, more: { $buffer: 1, other: 2 }, $x: 1 };
    expect(roundTrip(message)).toEqual(message);
  });

  it("leaves out functions and does not change prototypes", () => {
    const message = JSON.parse('{"__proto__": {"polluted": 1}, "a": 1}') as Record<string, unknown>;
    const back = roundTrip({ message, f: () => 1 }) as { message: Record<string, unknown>; f?: unknown };
    expect("f" in back).toBe(false);
    expect(Object.keys(back.message)).toEqual(["__proto__", "a"]);
    expect(Object.getPrototypeOf(back.message)).toBe(Object.prototype);
  });

  it("writes instances of classes as plain objects and shared objects twice", () => {
    class Point {
      x = 1;
      toJSON() {
        return "never";
      }
    }
    const shared = { a: 1 };
    expect(roundTrip({ point: new Point(), one: shared, two: shared })).toEqual({
      point: { x: 1 },
      one: { a: 1 },
      two: { a: 1 },
    });
  });

  it("takes as much depth as data has", () => {
    let deep: unknown = 1;
    for (let i = 0; i < 450; i++) deep = { deep };
    expect(roundTrip(deep)).toEqual(deep);
  });

  it("refuses what is nested more deeply than data ever is, by a code of its own", () => {
    let deep: unknown = 1;
    for (let i = 0; i < 600; i++) deep = { deep };
    expect(() => snapshot(deep)).toThrow(expect.objectContaining({ code: "run.message-depth" }));
  });
});
