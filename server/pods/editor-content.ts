import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { POD_TOKEN_HEADER, type PodTokens } from "./tokens.ts";

export const EDITOR_PATH = "/flows/editor";
const NAMESPACES = ["editor", "node-red", "jsonata", "infotips"];

/** Id and seat of the pod that nobody gets: it is started to fill the caches, and asked for the editor's pages. */
export const PRIME = { id: "prime", seat: { workspaceId: "prime", userId: "prime" } };

/**
 * The editor's page, its nodes' forms and texts, as a pod that runs nobody's flow gave them. Browsers are given these
 * and never the pages of a seat's own pod: code of a flow could change those, and they run with the person's sign-in.
 */
export interface EditorContent {
  /** `lang` as of `Accept-Language` or `?lng=`; null: there is no such page. */
  find(pathname: string, lang: string | null, asJson: boolean): Promise<Page | null>;
}
export interface Page {
  /** Names the content: the same key always has the same bytes. */
  key: string;
  type: string;
  body: Buffer;
}

const folderName = (version: string) => `editor-${version.replaceAll(/[^\w.-]/g, "_")}`;
const fileOf = (folder: string, key: string) => path.join(folder, encodeURIComponent(key));
const typeOf = (key: string) =>
  key.endsWith(".svg")
    ? "image/svg+xml"
    : key.endsWith(".png")
      ? "image/png"
      : key.endsWith(".gif")
        ? "image/gif"
        : /^(\/|\/nodes|\/plugins)\.html/.test(key)
          ? "text/html; charset=utf-8"
          : "application/json; charset=utf-8";

/** Asks the pod `PRIME` for everything that `openEditorContent` serves, and keeps it below `dataDir`. */
export async function captureEditor(
  address: string,
  tokens: Pick<PodTokens, "use">,
  dataDir: string,
  version: string,
): Promise<void> {
  const token = tokens.use(PRIME.id, PRIME.seat);
  const get = async (url: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`http://${address}${EDITOR_PATH}${url}`, {
      headers: { [POD_TOKEN_HEADER]: token, ...headers },
    });
    if (!response.ok) throw new Error(`the editor answered ${response.status} at ${url}`);
    return Buffer.from(await response.arrayBuffer());
  };
  const folder = path.join(dataDir, "pods", folderName(version));
  const part = `${folder}.new`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true, mode: 0o700 });
  const keep = async (key: string, url: string, headers?: Record<string, string>) =>
    writeFileSync(fileOf(part, key), await get(url, headers), { mode: 0o600 });
  const json = { Accept: "application/json" };

  const settings = JSON.parse((await get("/settings", json)).toString()) as { editorTheme?: { languages?: string[] } }; // Node-RED's shape
  const languages = settings.editorTheme?.languages ?? ["en-US"];
  await keep("/.html", "/");
  for (const key of ["/settings", "/theme", "/icons", "/nodes", "/plugins"]) await keep(key, key, json);
  for (const lang of languages) {
    for (const key of ["/nodes", "/plugins"])
      await keep(`${key}.html?${lang}`, key, { Accept: "text/html", "Accept-Language": lang });
    for (const key of [...NAMESPACES.map((name) => `/locales/${name}`), "/nodes/messages", "/plugins/messages"])
      await keep(`${key}?${lang}`, `${key}?lng=${lang}`, json);
  }
  const icons = JSON.parse((await get("/icons", json)).toString()) as Record<string, string[]>; // Node-RED's shape
  for (const [module, names] of Object.entries(icons))
    for (const name of names) await keep(`/icons/${module}/${name}`, `/icons/${module}/${encodeURIComponent(name)}`);
  writeFileSync(fileOf(part, "languages"), JSON.stringify(languages), { mode: 0o600 });
  rmSync(folder, { recursive: true, force: true });
  renameSync(part, folder);
}

/** Of a language that is not there, the nearest that is: `de-AT` → `de`, anything else → English. */
function nearest(languages: readonly string[], wanted: string | null): string {
  const first = (wanted ?? "").split(",")[0]?.split(";")[0]?.trim() ?? "";
  const base = first.split("-")[0] ?? "";
  return (
    languages.find((one) => one === first) ??
    languages.find((one) => one === base) ??
    languages.find((one) => one.split("-")[0] === base) ??
    "en-US"
  );
}

export function openEditorContent(dataDir: string, version: string): EditorContent {
  const folder = path.join(dataDir, "pods", folderName(version));
  const pages = new Map<string, Promise<Buffer | null>>();
  const load = (key: string): Promise<Buffer | null> => {
    let page = pages.get(key);
    if (!page) {
      page = readFile(fileOf(folder, key)).catch(() => null);
      pages.set(key, page);
      void page.then((found) => found === null && pages.delete(key)); // it may come yet: the first start fills it
    }
    return page;
  };
  let languages: string[] | undefined;
  return {
    async find(pathname, lang, asJson) {
      if (!languages) {
        const known = await load("languages");
        if (!known) return null;
        languages = JSON.parse(known.toString()) as string[]; // written by captureEditor
      }
      const near = nearest(languages, lang);
      const html = pathname === "/" || ((pathname === "/nodes" || pathname === "/plugins") && !asJson);
      const candidates = html ? [`${pathname}.html`, `${pathname}.html?${near}`] : [pathname, `${pathname}?${near}`];
      for (const key of candidates) {
        const body = await load(key);
        if (body) return { key, type: typeOf(key), body };
      }
      return null;
    },
  };
}

/** Whether it was captured for this version. */
export const hasEditorContent = (dataDir: string, version: string): boolean =>
  existsSync(path.join(dataDir, "pods", folderName(version)));
