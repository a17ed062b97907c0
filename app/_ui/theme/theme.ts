import {
  createTheme,
  defaultVariantColorsResolver,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from "@mantine/core";
import { accent, mix, SCHEMES, STATES, states, surfaces, type Scheme } from "./palette.ts";
import { schemeTokens } from "./tokens.ts";
import type { Locale } from "../words/locales.ts";

const WHITE = "#ffffff";
const BLACK = "#000000";

/** Ten shades through the two that the schemes use: 4 is the dark scheme's, 7 the light scheme's. */
function shades(light: string, dark: string): MantineColorsTuple {
  return [
    mix(dark, WHITE, 0.92),
    mix(dark, WHITE, 0.82),
    mix(dark, WHITE, 0.62),
    mix(dark, WHITE, 0.32),
    dark,
    mix(dark, light, 0.35),
    mix(dark, light, 0.7),
    light,
    mix(light, BLACK, 0.2),
    mix(light, BLACK, 0.4),
  ];
}

const petrol = shades(accent.light.base, accent.dark.base);
const stateShades = Object.fromEntries(
  STATES.map((state) => [state, shades(states.light[state].base, states.dark[state].base)]),
) as Record<(typeof STATES)[number], MantineColorsTuple>; // fromEntries widens the keys

const l = surfaces.light;
const d = surfaces.dark;
const gray: MantineColorsTuple = [
  l.page, l.sunken, l.selected, l.border, l["border-strong"], l.disabled, l["text-faint"], l["text-dim"], mix(l["text-dim"], l.text, 0.5), l.text,
]; // prettier-ignore
const dark: MantineColorsTuple = [
  d.text, mix(d.text, d["text-dim"], 0.5), d["text-dim"], d["text-faint"], d.selected, d.border, d.hover, d.page, d.sunken, mix(d.page, BLACK, 0.3),
]; // prettier-ignore

/** Filled petrol and state controls are light in the dark scheme: their text must turn with them. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input);
  const name = input.color ?? input.theme.primaryColor;
  return input.variant === "filled" && own.has(name) ? { ...colors, color: "var(--osf-on-accent)" } : colors;
};
const own = new Set<string>(["petrol", "red", ...STATES]);

/** What the library's own controls are called when read out. */
const spoken = { en: { close: "Close" }, de: { close: "Schließen" } } as const satisfies Record<Locale, object>;

function buildTheme(locale: Locale) {
  return createTheme({
    colors: { petrol, gray, dark, red: stateShades.fault, ...stateShades },
    primaryColor: "petrol",
    primaryShade: { light: 7, dark: 4 },
    white: WHITE,
    black: l.text,
    variantColorResolver,
    fontFamily: '"Inter Variable", "Inter Fallback", system-ui, sans-serif',
    fontFamilyMonospace: '"JetBrains Mono Variable", ui-monospace, SFMono-Regular, Menlo, monospace',
    fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
    lineHeights: { xs: "1.35", sm: "1.45", md: "1.5", lg: "1.5", xl: "1.4" },
    fontWeights: { regular: "400", medium: "550", bold: "650" },
    headings: {
      fontWeight: "600",
      textWrap: "balance",
      sizes: {
        h1: { fontSize: "1.25rem", lineHeight: "1.75rem" },
        h2: { fontSize: "1rem", lineHeight: "1.5rem" },
        h3: { fontSize: "0.875rem", lineHeight: "1.25rem" },
        h4: { fontSize: "0.875rem", lineHeight: "1.25rem" },
        h5: { fontSize: "0.8125rem", lineHeight: "1.25rem" },
        h6: { fontSize: "0.8125rem", lineHeight: "1.25rem" },
      },
    },
    spacing: { xs: "0.5rem", sm: "0.75rem", md: "1rem", lg: "1.5rem", xl: "2rem" },
    radius: { xs: "0.125rem", sm: "0.25rem", md: "0.375rem", lg: "0.375rem", xl: "0.75rem" },
    defaultRadius: "md",
    // icons-only navigation ends at md = 1100 px, phones end at sm = 768 px
    breakpoints: { xs: "30em", sm: "48em", md: "68.75em", lg: "80em", xl: "90em" },
    shadows: { xs: "none", sm: "none", md: "var(--osf-shadow)", lg: "var(--osf-shadow)", xl: "var(--osf-shadow)" },
    respectReducedMotion: true,
    cursorType: "pointer",
    components: {
      ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
      Badge: { defaultProps: { variant: "light", radius: "sm", tt: "none", fw: 500 } },
      Modal: { defaultProps: { centered: true, transitionProps: { duration: 150, transition: "pop" } } },
      Drawer: { defaultProps: { transitionProps: { duration: 150 } } },
      Menu: { defaultProps: { transitionProps: { duration: 120 }, shadow: "md", withInitialFocusPlaceholder: false } },
      Popover: { defaultProps: { transitionProps: { duration: 120 }, shadow: "md" } },
      Skeleton: { defaultProps: { radius: "sm" } },
      Table: { defaultProps: { fz: "sm" } },
      CloseButton: { defaultProps: { "aria-label": spoken[locale].close } },
      // the header of an overlay is not the page's banner
      ModalHeader: { defaultProps: { role: "presentation" } },
      DrawerHeader: { defaultProps: { role: "presentation" } },
    },
  });
}

export const themes = { en: buildTheme("en"), de: buildTheme("de") } as const satisfies Record<Locale, object>;

function schemeVariables(scheme: Scheme): Record<string, string> {
  const s = surfaces[scheme];
  const a = accent[scheme];
  const variables: Record<string, string> = {
    ...schemeTokens(scheme),
    "--mantine-color-body": s.page,
    "--mantine-color-text": s.text,
    "--mantine-color-bright": s.text,
    "--mantine-color-dimmed": s["text-dim"],
    "--mantine-color-placeholder": s["text-faint"],
    "--mantine-color-anchor": a.base,
    "--mantine-color-error": states[scheme].fault.base,
    "--mantine-color-success": states[scheme].ok.base,
    "--mantine-color-default": s.panel,
    "--mantine-color-default-hover": s.hover,
    "--mantine-color-default-color": s.text,
    "--mantine-color-default-border": s["border-strong"],
    "--mantine-color-disabled": s.sunken,
    "--mantine-color-disabled-color": s.disabled,
    "--mantine-color-disabled-border": s.border,
    "--mantine-primary-color-contrast": a.on,
  };
  const tinted = (name: string, base: string, tint: string) => {
    variables[`--mantine-color-${name}-text`] = base;
    variables[`--mantine-color-${name}-light`] = tint;
    variables[`--mantine-color-${name}-light-hover`] = mix(tint, base, 0.1);
    variables[`--mantine-color-${name}-light-color`] = base;
    variables[`--mantine-color-${name}-outline`] = base;
  };
  for (const state of STATES) {
    const { base, tint } = states[scheme][state];
    tinted(state, base, tint);
  }
  tinted("petrol", a.base, a.tint);
  tinted("red", states[scheme].fault.base, states[scheme].fault.tint);
  tinted("gray", s["text-dim"], s.sunken);
  variables["--mantine-color-gray-light-hover"] = s.hover;
  variables["--mantine-color-petrol-filled-hover"] = a.hover;
  return variables;
}

export const cssVariablesResolver: CSSVariablesResolver = () => {
  const [light, dark] = SCHEMES.map(schemeVariables);
  return { variables: {}, light: light ?? {}, dark: dark ?? {} };
};
