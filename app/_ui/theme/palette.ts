/** The only place with colour literals. Everything else names a token: `var(--osf-…)` or a Mantine colour. */

export const SCHEMES = ["light", "dark"] as const;
export type Scheme = (typeof SCHEMES)[number];

/** What a colour says about a thing. Each has one hue, one icon and one word everywhere (`state/states.ts`). */
export const STATES = ["running", "waiting", "ok", "attention", "fault", "idle"] as const;
export type State = (typeof STATES)[number];

/** Slightly cool in light; true dark grey, not black, in dark. Each step is one level of nearness to the reader. */
export const surfaces = {
  light: {
    page: "#f6f7f9",
    panel: "#ffffff",
    raised: "#ffffff",
    sunken: "#f1f3f6",
    hover: "#eff1f4",
    selected: "#e7ebef",
    border: "#dfe3e8",
    "border-strong": "#c3cad2",
    text: "#1b2127",
    "text-dim": "#55606c",
    "text-faint": "#656f7b",
    disabled: "#8b949e",
  },
  dark: {
    page: "#1b1c1e",
    panel: "#222326",
    raised: "#2a2c2f",
    sunken: "#1e1f21",
    hover: "#2c2e31",
    selected: "#34373a",
    border: "#35383b",
    "border-strong": "#505459",
    text: "#e4e6e8",
    "text-dim": "#adb2b8",
    "text-faint": "#999fa6",
    disabled: "#6e7379",
  },
} as const satisfies Record<Scheme, Record<string, string>>;

/** Petrol: what one can act on. `on` is the text upon a filled control. */
export const accent = {
  light: { base: "#0f766e", hover: "#0b5f59", tint: "#e2f1ef", on: "#ffffff" },
  dark: { base: "#2dd4bf", hover: "#5eead4", tint: "#19332f", on: "#06231f" },
} as const satisfies Record<Scheme, Record<string, string>>;

/** Text and icons (`base`, AA on every surface) and the quiet ground behind them (`tint`). */
export const states = {
  light: {
    running: { base: "#175bb5", tint: "#e6effa" },
    waiting: { base: "#6a3fc0", tint: "#efe9fa" },
    ok: { base: "#18703a", tint: "#e3f3e8" },
    attention: { base: "#8a5300", tint: "#fbf0da" },
    fault: { base: "#b8232f", tint: "#fbe8e8" },
    idle: { base: "#55606c", tint: "#eceff2" },
  },
  dark: {
    running: { base: "#74b1f9", tint: "#1d2b3d" },
    waiting: { base: "#b9a2f7", tint: "#2a2540" },
    ok: { base: "#63cc85", tint: "#1b3023" },
    attention: { base: "#e5b454", tint: "#352b17" },
    fault: { base: "#fa8a83", tint: "#3b2222" },
    idle: { base: "#a9aeb4", tint: "#2b2d30" },
  },
} as const satisfies Record<Scheme, Record<State, { base: string; tint: string }>>;

/**
 * Six chart series, told apart by the colour-blind in this order (hue and lightness both alternate); charts add a
 * pattern or a dash to each. At least 3:1 against the panel.
 */
export const series = {
  light: ["#2a8a80", "#b9641a", "#4a77cf", "#a83f75", "#78801a", "#56616d"],
  dark: ["#3fb3a5", "#e0955a", "#7ba6ea", "#d986ae", "#bab858", "#a4acb5"],
} as const satisfies Record<Scheme, readonly string[]>;

export const shadows = {
  light: "0 1px 2px rgba(20, 28, 36, 0.06), 0 8px 24px rgba(20, 28, 36, 0.14)",
  dark: "0 1px 2px rgba(0, 0, 0, 0.4), 0 8px 24px rgba(0, 0, 0, 0.5)",
} as const satisfies Record<Scheme, string>;

function channels(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** `share` of `to` in `from`, both `#rrggbb`. */
export function mix(from: string, to: string, share: number): string {
  const a = channels(from);
  const b = channels(to);
  return `#${a
    .map((x, i) =>
      Math.round(x + ((b[i] ?? x) - x) * share)
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}

/** WCAG 2 contrast ratio of two `#rrggbb` colours, 1 to 21. */
export function contrast(one: string, other: string): number {
  const [a = 0, b = 0] = [one, other]
    .map((hex) => {
      const [r, g, bl] = channels(hex).map((c) =>
        c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (bl ?? 0);
    })
    .sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}
