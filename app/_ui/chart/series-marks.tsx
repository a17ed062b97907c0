/** The colour of the nth series, from the theme. */
export const seriesColor = (index: number): string => `var(--osf-series-${index + 1})`;

/** Dashes of lines, so that they differ without colour; the first is solid. */
export const DASHES = ["0", "7 3", "2 3", "10 3 2 3", "4 4", "14 4"] as const;

export const patternId = (marks: string, index: number): string => `${marks}-series-${index}`;

// Drawn in the panel's colour over the series' own: quiet, and enough to tell neighbours apart.
const strokes = [
  null,
  "M-2 10 10 -2M-2 2 2 -2M6 10 10 6",
  "M2 2h.01M6 6h.01",
  "M0 0 8 8M8 0 0 8",
  "M0 2h8M0 6h8",
  "M-2 -2 10 10M-2 6 2 10M6 -2 10 2",
] as const;

/** The fills of bars; referenced by id from the chart and its legend. */
export function SeriesPatterns({ marks, count }: { marks: string; count: number }) {
  return (
    <svg width="0" height="0" aria-hidden="true" style={{ position: "absolute" }}>
      <defs>
        {strokes.slice(0, count).map((path, index) => (
          <pattern key={path} id={patternId(marks, index)} width="8" height="8" patternUnits="userSpaceOnUse">
            <rect width="8" height="8" fill={seriesColor(index)} />
            {path && (
              <path
                d={path}
                stroke="var(--osf-panel)"
                strokeOpacity="0.6"
                strokeWidth={index === 2 ? 2.5 : 1.5}
                strokeLinecap={index === 2 ? "round" : "butt"}
              />
            )}
          </pattern>
        ))}
      </defs>
    </svg>
  );
}

/** The sample of a series in the legend: the very fill or dash of the chart. */
export function Swatch({ kind, index, marks }: { kind: "bar" | "line"; index: number; marks: string }) {
  return (
    <svg width="20" height="12" aria-hidden="true" focusable="false">
      {kind === "bar" ? (
        <rect width="20" height="12" rx="2" fill={`url(#${patternId(marks, index)})`} />
      ) : (
        <path d="M0 6h20" stroke={seriesColor(index)} strokeWidth="2.5" strokeDasharray={DASHES[index]} />
      )}
    </svg>
  );
}
