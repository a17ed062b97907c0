import { expect, it } from "vitest";
import { placeTooltip } from "./place-tooltip.ts";

const window = { width: 400, height: 300 };
const size = { width: 100, height: 20 };

it("stands above the middle of its target", () => {
  expect(placeTooltip({ left: 180, top: 100, width: 40, height: 30 }, size, window, "top")).toEqual({
    left: 150,
    top: 75,
  });
});

it("stands below where there is no room above", () => {
  expect(placeTooltip({ left: 180, top: 10, width: 40, height: 30 }, size, window, "top")).toMatchObject({ top: 45 });
});

it("stays within the window beside a target at its edge", () => {
  expect(placeTooltip({ left: 0, top: 100, width: 40, height: 30 }, size, window, "top")).toMatchObject({ left: 5 });
  expect(placeTooltip({ left: 370, top: 100, width: 30, height: 30 }, size, window, "top")).toMatchObject({
    left: 295,
  });
});

it("keeps its beginning in sight when it is wider than the window", () => {
  const wide = { width: 500, height: 20 };
  expect(placeTooltip({ left: 180, top: 100, width: 40, height: 30 }, wide, window, "top")).toMatchObject({ left: 5 });
});

it("stands to the right, or to the left where there is no room", () => {
  expect(placeTooltip({ left: 10, top: 100, width: 40, height: 30 }, size, window, "right")).toEqual({
    left: 55,
    top: 105,
  });
  expect(placeTooltip({ left: 350, top: 100, width: 40, height: 30 }, size, window, "right")).toEqual({
    left: 245,
    top: 105,
  });
});
