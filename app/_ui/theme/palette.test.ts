import { describe, expect, it } from "vitest";
import { accent, contrast, mix, SCHEMES, series, STATES, states, surfaces } from "./palette.ts";

describe.each(SCHEMES)("the %s palette", (scheme) => {
  const s = surfaces[scheme];
  const grounds = [s.page, s.panel, s.raised, s.sunken, s.hover, s.selected];

  it("reads at AA on every surface: text, dim and faint text", () => {
    for (const ground of grounds)
      for (const ink of [s.text, s["text-dim"]]) expect(contrast(ink, ground)).toBeGreaterThanOrEqual(4.5);
    for (const ground of [s.page, s.panel, s.raised, s.sunken])
      expect(contrast(s["text-faint"], ground)).toBeGreaterThanOrEqual(4.5);
  });

  it("reads at AA in each state, on plain surfaces and on the state's own tint", () => {
    for (const state of STATES) {
      const { base, tint } = states[scheme][state];
      for (const ground of [...grounds, tint])
        expect(contrast(base, ground), `${state} on ${ground}`).toBeGreaterThanOrEqual(4.5);
      expect(contrast(s.text, tint), `text on ${state}`).toBeGreaterThanOrEqual(4.5);
      expect(contrast(s["text-dim"], tint), `dim text on ${state}`).toBeGreaterThanOrEqual(4.5);
    }
  });

  it("reads at AA on and as the accent", () => {
    const a = accent[scheme];
    for (const ground of [...grounds, a.tint]) expect(contrast(a.base, ground)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(a.on, a.base)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(a.on, a.hover)).toBeGreaterThanOrEqual(4.5);
  });

  it("draws chart series at 3:1 or more against the panel", () => {
    for (const color of series[scheme]) expect(contrast(color, s.panel)).toBeGreaterThanOrEqual(3);
  });
});

it("mixes two colours channel by channel", () => {
  expect(mix("#000000", "#ffffff", 0.5)).toBe("#808080");
  expect(mix("#102030", "#102030", 0.3)).toBe("#102030");
});

it("knows the contrast of black on white", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
});
