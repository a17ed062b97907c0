import { describe, expect, it } from "vitest";
import { clockTime, exactTime, formatDuration, relativeTime, tickFor } from "./format-time.ts";

const now = Date.UTC(2026, 2, 20, 12, 0, 0);
const ago = (ms: number) => relativeTime(now - ms, now, "en");

describe("relativeTime", () => {
  it("does not count single seconds", () => {
    expect(ago(0)).toBe("just now");
    expect(ago(4_999)).toBe("just now");
    expect(ago(5_000)).toBe("5 s ago");
  });
  it("changes unit exactly at the border", () => {
    expect(ago(59_999)).toBe("59 s ago");
    expect(ago(60_000)).toBe("1 min ago");
    expect(ago(3_599_999)).toBe("59 min ago");
    expect(ago(3_600_000)).toBe("1 h ago");
    expect(ago(86_400_000)).toBe("1 d ago");
  });
  it("speaks of the future", () => {
    expect(relativeTime(now + 180_000, now, "en")).toBe("in 3 min");
    expect(relativeTime(now + 180_000, now, "de")).toBe("in 3 Min.");
  });
  it("gives the date from a week on, with the year only where it is another", () => {
    expect(ago(7 * 86_400_000)).toBe("13 Mar");
    expect(ago(100 * 86_400_000)).toBe("10 Dec 2025");
  });
  it("speaks German", () => {
    expect(relativeTime(now - 7_200_000, now, "de")).toBe("vor 2 Std.");
  });
});

it("ticks as often as the words can change, and no more after a week", () => {
  expect(tickFor(10_000)).toBe(1_000);
  expect(tickFor(-120_000)).toBe(15_000);
  expect(tickFor(8 * 86_400_000)).toBeNull();
});

it("gives the exact time with seconds and zone", () => {
  expect(exactTime(now, "en", "Europe/Berlin")).toBe("Fri, 20 Mar 2026, 13:00:00 CET");
});

describe("formatDuration", () => {
  it.each([
    [0, "0 ms"],
    [182.7, "182 ms"],
    [999, "999 ms"],
    [1_000, "1.0 s"],
    [1_290, "1.2 s"],
    [9_999, "9.9 s"],
    [10_000, "10 s"],
    [59_999, "59 s"],
    [185_000, "3 min 05 s"],
    [7_440_000, "2 h 04 min"],
    [273_600_000, "3 d 4 h"],
  ])("writes %d ms as %s", (ms, words) => expect(formatDuration(ms, "en")).toBe(words));

  it("uses the decimal comma in German", () => expect(formatDuration(1_290, "de")).toBe("1,2 s"));
  it("never goes below nothing when clocks disagree", () => expect(formatDuration(-40, "en")).toBe("0 ms"));
});

it("counts like a clock", () => {
  expect(clockTime(12_400)).toBe("00:12");
  expect(clockTime(3_849_000)).toBe("1:04:09");
});
