import { describe, expect, it } from "vitest";
import { formatQuantity, humanise, kindOf, unitOf } from "./units.ts";

describe("unitOf", () => {
  it.each([
    ["oee_percent", "%"],
    ["setupMinutes", "min"],
    ["price_eur", "€"],
    ["weight_kg", "kg"],
    ["energy-kwh", "kWh"],
    ["duration_ms", "ms"],
  ])("reads the unit of %s as %s", (key, unit) => expect(unitOf(key)).toBe(unit));

  it.each(["percent", "machine", "minutes", "plan_name", "admin", "constructor", "my_constructor"])(
    "finds none in %s",
    (key) => expect(unitOf(key)).toBeUndefined(),
  );
});

describe("humanise", () => {
  it.each([
    ["order_id", "Order ID"],
    ["oee_percent", "OEE"],
    ["dueDate", "Due date"],
    ["availability_percent", "Availability"],
    ["qty_open", "Quantity open"],
    ["machine", "Machine"],
    ["DAYS_LATE", "Days late"],
    ["ISOCode", "Isocode"],
  ])("writes %s as %s", (key, words) => expect(humanise(key)).toBe(words));
});

it("puts the unit beside the number without a line break between, in the reader's writing", () => {
  expect(formatQuantity(1204.567, "kWh", "en")).toBe("1,204.57\u00a0kWh");
  expect(formatQuantity(1204.567, "kWh", "de")).toBe("1.204,57\u00a0kWh");
  expect(formatQuantity(3, undefined, "en")).toBe("3");
});

it("tells kinds of values apart, and leaves a time without a zone as text", () => {
  expect(kindOf(0)).toBe("number");
  expect(kindOf(false)).toBe("boolean");
  expect(kindOf("2026-03-20")).toBe("date");
  expect(kindOf("2026-03-20T12:00:00Z")).toBe("instant");
  expect(kindOf("2026-03-20T12:00:00+01:00")).toBe("instant");
  expect(kindOf("2026-03-20T12:00:00")).toBe("text");
  expect(kindOf({ a: 1 })).toBe("nested");
  expect(kindOf("")).toBe("none");
  expect(kindOf(null)).toBe("none");
});
