import { describe, expect, it } from "vitest";
import { chartTitle, chooseChart } from "./choose-chart.ts";
import { readResult } from "./result-rows.ts";

const machines = ["CNC mill 1", "CNC mill 2", "Press 1"];
const oee = machines.map((machine, i) => ({
  machine_id: `M-${i}`,
  machine,
  oee_percent: 70 + i,
  availability_percent: 80 + i,
  target_percent: 85,
  good_pcs: 100 * i,
}));

describe("readResult", () => {
  it("finds the rows beside a summary and says how many there are in all", () => {
    expect(readResult({ summary: "Three.", total: 30, rows: oee })).toEqual({
      summary: "Three.",
      total: 30,
      rows: oee,
    });
  });
  it("takes the longest list of flat objects and leaves nested ones alone", () => {
    expect(readResult({ few: [{ a: 1 }], many: oee }).rows).toEqual(oee);
    expect(readResult({ deep: [{ a: { b: 1 } }] }).rows).toBeNull();
  });
  it("puts what it is before its figures, percentages first, and long words last", () => {
    const why = "a reason that is longer than a column should ever be";
    const [row] =
      readResult([{ why, a_pcs: 1, state: "up", oee_percent: 3, machine: "M", machine_id: "1" }]).rows ?? [];
    expect(Object.keys(row ?? {})).toEqual(["machine_id", "machine", "state", "oee_percent", "a_pcs", "why"]);
  });
  it("finds nothing in a text, a number or an empty list", () => {
    for (const value of ["done", 7, [], null, undefined]) expect(readResult(value)).toEqual({ rows: null });
  });
});

describe("chooseChart", () => {
  it("draws the figure that has a target, by name, with its target line", () => {
    expect(chooseChart(oee)).toMatchObject({
      kind: "bar",
      x: "machine",
      series: [{ key: "oee_percent" }],
      unit: "%",
      target: { value: 85, key: "target_percent" },
    });
  });

  it("puts columns of one unit side by side, three at most, and no others", () => {
    const rows = machines.map((machine, i) => ({
      machine,
      a_hours: i,
      note_pcs: 1,
      b_hours: i,
      c_hours: i,
      d_hours: i,
    }));
    expect(chooseChart(rows)?.series.map(({ key }) => key)).toEqual(["a_hours", "b_hours", "c_hours"]);
  });

  it("does not draw a target that differs from row to row as one line", () => {
    const rows = oee.map((row, i) => ({ ...row, target_percent: 80 + i }));
    expect(chooseChart(rows)?.target).toBeUndefined();
  });

  it("names bars by id where the names would not fit under them", () => {
    const rows = oee.map((row) => ({ ...row, machine: row.machine.repeat(8) }));
    expect(chooseChart(rows)?.x).toBe("machine_id");
  });

  it("makes a line of rising dates", () => {
    const rows = ["2030-01-01", "2030-01-02", "2030-01-03"].map((day, i) => ({ day, energy_kwh: i, machine: "M" }));
    expect(chooseChart(rows)).toMatchObject({ kind: "line", x: "day", series: [{ key: "energy_kwh" }], unit: "kWh" });
  });

  it("makes a line for each name where dates repeat", () => {
    const rows = machines.flatMap((machine) =>
      ["2030-01-01", "2030-01-02"].map((day, i) => ({ day, machine_id: machine, machine, oee_percent: i })),
    );
    const chart = chooseChart(rows);
    expect(chart?.series.map(({ key }) => key)).toEqual(machines);
    expect(chart?.data).toEqual([
      { day: "2030-01-01", "CNC mill 1": 0, "CNC mill 2": 0, "Press 1": 0 },
      { day: "2030-01-02", "CNC mill 1": 1, "CNC mill 2": 1, "Press 1": 1 },
    ]);
  });

  it("leaves gaps where a figure is missing", () => {
    const rows = oee.map((row, i) => ({ ...row, oee_percent: i === 1 ? null : row.oee_percent }));
    expect(chooseChart(rows)?.data[1]).toEqual({ machine: "CNC mill 2", oee_percent: null });
  });

  it.each([
    ["a single row", oee.slice(0, 1)],
    ["no figures", machines.map((machine) => ({ machine, state: "down" }))],
    ["only ids and positions", machines.map((machine, i) => ({ machine, order_id: i, queue_position: i }))],
    ["nothing that names the rows", [{ a: 1 }, { a: 2 }]],
    ["too many bars", Array.from({ length: 40 }, (_, i) => ({ part: `P-${i}`, stock_pcs: i }))],
  ])("draws nothing for %s", (_, rows) => {
    expect(chooseChart(rows)).toBeNull();
  });

  it("writes a title of what is drawn by what", () => {
    const chart = chooseChart(oee);
    expect(chart && chartTitle(chart, { by: (what, x) => `${what} by ${x}` })).toBe("OEE by machine");
  });
});
