import type { SeatClaim } from "./claim.ts";

const WORDS = {
  en: {
    title: "Opening your editor",
    starting: "Your Node-RED is starting. This takes a few seconds.",
    queued: (place: number) =>
      `Many people want an editor at the moment. You are number ${place} in the queue; the page opens by itself when it is your turn.`,
    slow: "This takes longer than usual. It is still being tried.",
    back: "Back to the flows",
  },
  de: {
    title: "Ihr Editor wird geöffnet",
    starting: "Ihr Node-RED startet. Das dauert einige Sekunden.",
    queued: (place: number) =>
      `Im Augenblick möchten viele einen Editor. Sie sind Nummer ${place} in der Warteschlange; die Seite öffnet sich von selbst, wenn Sie an der Reihe sind.`,
    slow: "Das dauert länger als sonst. Es wird weiter versucht.",
    back: "Zurück zu den Flows",
  },
};

/** The page that is shown while a pod starts: it asks again by itself, and says what it waits for. No script, no file. */
export function progressPage(claim: SeatClaim | null, acceptLanguage: string | undefined): string {
  const lang = /^\s*de\b/i.test(acceptLanguage ?? "") ? "de" : "en";
  const words = WORDS[lang];
  const text = claim === null ? words.slow : claim.state === "queued" ? words.queued(claim.place) : words.starting;
  // The colours are those of app/_ui/theme/palette.ts.
  return `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="refresh" content="${claim?.state === "queued" ? 3 : 1}"><title>${words.title}</title><style>
:root{color-scheme:light;--page:#f6f7f9;--panel:#fff;--border:#dfe3e8;--text:#1b2127;--dim:#55606c;--accent:#0f766e;--tint:#e2f1ef}
@media(prefers-color-scheme:dark){:root{color-scheme:dark;--page:#1b1c1e;--panel:#222326;--border:#35383b;--text:#e4e6e8;--dim:#adb2b8;--accent:#2dd4bf;--tint:#19332f}}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--page);color:var(--text);font:.875rem/1.5 'Inter Variable',system-ui,sans-serif}
main{max-width:26rem;margin:1rem;padding:1.5rem;background:var(--panel);border:1px solid var(--border);border-radius:8px}
h1{font-size:1.125rem;font-weight:600;margin:0 0 .5rem}p{margin:0 0 1rem;color:var(--dim)}a{color:var(--accent)}
.bar{height:4px;border-radius:2px;background:var(--tint);overflow:hidden;margin-bottom:1rem}
.bar i{display:block;height:100%;width:35%;background:var(--accent);animation:go 1.2s ease-in-out infinite alternate}
@keyframes go{from{margin-left:0}to{margin-left:65%}}@media(prefers-reduced-motion:reduce){.bar i{animation:none;width:100%}}
</style></head><body><main><h1>${words.title}</h1><div class="bar" aria-hidden="true"><i></i></div><p role="status" aria-live="polite">${text}</p><a href="/flows" target="_top">${words.back}</a></main></body></html>`;
}
