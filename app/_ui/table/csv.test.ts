import { describe, expect, it } from "vitest";
import { csvCell, toCsv } from "./csv.ts";

describe("csvCell", () => {
  it("quotes separators, quotes and line breaks, and nothing else", () => {
    expect(csvCell("plain text")).toBe("plain text");
    expect(csvCell("a,b")).toBe('"a,b"');
    expect(csvCell('5" pipe')).toBe('"5"" pipe"');
    expect(csvCell("two\nlines")).toBe('"two\nlines"');
    expect(csvCell("a,b", ";")).toBe("a,b");
  });
  it.each(["=1+1", "+49 170", "-drop", "@sum", "\tx"])("disarms %j as a formula", (text) =>
    expect(csvCell(text).startsWith("'")).toBe(true),
  );
  it("leaves negative numbers as numbers", () => expect(csvCell(-4.5)).toBe("-4.5"));
  it("disarms before quoting, so that the quote does not hide the formula", () => {
    expect(csvCell('=HYPERLINK("x")')).toBe(`"'=HYPERLINK(""x"")"`);
  });
  it("writes nothing for nothing and for what is no number", () => {
    expect([null, undefined, Number.NaN, new Date("x")].map((v) => csvCell(v))).toEqual(["", "", "", ""]);
  });
  it("writes instants as ISO 8601", () => expect(csvCell(new Date(0))).toBe("1970-01-01T00:00:00.000Z"));
});

it("writes a file that a spreadsheet of either language opens", () => {
  expect(toCsv(["Machine", "OEE"], [["M-01", 82.4]])).toBe("\uFEFFMachine,OEE\r\nM-01,82.4\r\n");
  expect(toCsv(["Machine", "OEE"], [["M-01", 82.4]], "de")).toBe("\uFEFFMachine;OEE\r\nM-01;82,4\r\n");
});
