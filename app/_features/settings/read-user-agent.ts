// Order matters: each of them also names those below it.
const BROWSERS: [RegExp, string][] = [
  [/Edg(?:e|A|iOS)?\/(\d+)/, "Edge"],
  [/OPR\/(\d+)/, "Opera"],
  [/SamsungBrowser\/(\d+)/, "Samsung Internet"],
  [/(?:Firefox|FxiOS)\/(\d+)/, "Firefox"],
  [/(?:HeadlessChrome|Chrome|CriOS)\/(\d+)/, "Chrome"],
  [/Version\/(\d+)[^ ]* .*Safari\//, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/CrOS/, "ChromeOS"],
  [/Windows/, "Windows"],
  [/Mac OS X|Macintosh/, "macOS"],
  [/Linux/, "Linux"],
];

/** "Firefox 141 on Windows" in parts; a program (`curl/8.5.0`) by its own first word. Null where nothing is known. */
export function readUserAgent(given: string | null): { program: string; system: string | null } | null {
  const text = given?.trim();
  if (!text) return null;
  const system = SYSTEMS.find(([pattern]) => pattern.test(text))?.[1] ?? null;
  for (const [pattern, name] of BROWSERS) {
    const version = pattern.exec(text)?.[1];
    if (version) return { program: `${name} ${version}`, system };
  }
  const [first = text] = text.split(/[\s(]/);
  return { program: first.replace("/", " ").slice(0, 40), system };
}
