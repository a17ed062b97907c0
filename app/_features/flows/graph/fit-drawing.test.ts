import { expect, it } from "vitest";
import { drawFlow } from "./drawing.ts";
import { fitDrawing } from "./fit-drawing.ts";

/** From 0,0: 100 wide nodes from the left edge to `width`. */
const drawing = (width: number) =>
  drawFlow(
    [50, width - 50].map((x, n) => ({ id: `n${n}`, type: "switch", z: "t", name: "x", x, y: 15, wires: [] })),
    "t",
    () => 10,
  );

it("shows a small drawing in the middle, a little nearer than it is", () => {
  expect(fitDrawing(drawing(200), { width: 1_000, height: 300 })).toEqual({ zoom: 1.1, x: 390, y: 122.5 });
});

it("shows all of a larger one while it can be read", () => {
  const fit = fitDrawing(drawing(1_180), { width: 1_000, height: 300 });
  expect(fit?.zoom).toBeCloseTo(0.8);
  expect(fit?.x).toBeCloseTo(28);
});

it("shows the beginning of one that could not be read otherwise, or all of it where that is wished", () => {
  const size = { width: 390, height: 300 };
  expect(fitDrawing(drawing(1_400), size)).toMatchObject({ zoom: 0.55, x: 28 });
  expect(fitDrawing(drawing(1_400), size, true)?.zoom).toBeCloseTo((390 - 56) / 1_400);
});

it("leaves room for wires that lead backwards", () => {
  const back = drawFlow(
    [
      { id: "a", type: "switch", z: "t", name: "x", x: 400, y: 15, wires: [["b"]] },
      { id: "b", type: "switch", z: "t", name: "x", x: 50, y: 115, wires: [] },
    ],
    "t",
    () => 10,
  );
  const fit = fitDrawing(back, { width: 2_000, height: 1_000 });
  // from -45 to 495
  expect(fit?.x).toBeCloseTo((2_000 - 540 * 1.1) / 2 + 45 * 1.1);
});

it("waits for a frame and for something to show", () => {
  expect(fitDrawing(drawing(200), { width: 0, height: 300 })).toBeNull();
  expect(fitDrawing({ nodes: [], wires: [], groups: [] }, { width: 100, height: 300 })).toBeNull();
});
