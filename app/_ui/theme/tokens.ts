import { accent, series, shadows, STATES, states, surfaces, type Scheme } from "./palette.ts";

/** Every `--osf-…` colour of a scheme. */
export function schemeTokens(scheme: Scheme): Record<string, string> {
  const a = accent[scheme];
  const tokens: Record<string, string> = {
    "--osf-accent": a.base,
    "--osf-accent-hover": a.hover,
    "--osf-accent-tint": a.tint,
    "--osf-on-accent": a.on,
    "--osf-shadow": shadows[scheme],
  };
  for (const [name, value] of Object.entries(surfaces[scheme])) tokens[`--osf-${name}`] = value;
  for (const [index, value] of series[scheme].entries()) tokens[`--osf-series-${index + 1}`] = value;
  for (const state of STATES) {
    tokens[`--osf-${state}`] = states[scheme][state].base;
    tokens[`--osf-${state}-tint`] = states[scheme][state].tint;
  }
  return tokens;
}

/** The tokens as a style sheet by the device's scheme, for a document without the provider. */
export function tokenCss(): string {
  const block = (scheme: Scheme) =>
    `:root{color-scheme:${scheme};${Object.entries(schemeTokens(scheme))
      .map(([name, value]) => `${name}:${value}`)
      .join(";")}}`;
  const page =
    "body{margin:0;background:var(--osf-page);color:var(--osf-text);font:0.875rem/1.5 'Inter Variable',system-ui,sans-serif}";
  return `${block("light")}@media (prefers-color-scheme:dark){${block("dark")}}${page}`;
}
