import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { podFolders } from "./version.ts";

const require = createRequire(import.meta.url);
/** Sees what Node-RED's own editor sees, wherever npm put it. */
const editorApi = createRequire(createRequire(require.resolve("node-red")).resolve("@node-red/editor-api"));
const TYPES: Record<string, string> = {
  ".js": "application/javascript; charset=utf-8",
  ".mjs": "application/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".gif": "image/gif",
  ".ico": "image/x-icon",
  ".ttf": "font/ttf",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
  ".eot": "application/vnd.ms-fontobject",
  ".ts": "text/plain; charset=utf-8",
  ".md": "text/plain; charset=utf-8",
  "": "text/plain; charset=utf-8",
};

export interface EditorFile {
  /** Path of the file: one key, one content. */
  key: string;
  type: string;
  read(): Promise<Buffer>;
}

/**
 * The editor's own files by the path below /flows/editor: scripts, styles, fonts, drawings. The folders are listed once,
 * so a path is looked up and never opened.
 */
export function listEditorFiles(): ReadonlyMap<string, EditorFile> {
  const client = path.dirname(editorApi.resolve("@node-red/editor-client"));
  const nodes = path.dirname(require.resolve("@node-red/nodes/package.json"));
  const files = new Map<string, EditorFile>();
  const add = (mount: string, folder: string) => {
    for (const entry of listFolder(folder)) {
      const file = path.join(folder, entry);
      const type = TYPES[path.extname(entry)] ?? "application/octet-stream";
      files.set(`${mount}/${entry.split(path.sep).join("/")}`, { key: file, type, read: () => readFile(file) });
    }
  };
  add("", path.join(client, "public"));
  add("/debug/view", path.join(nodes, "core/common/lib/debug"));
  add("/resources/node-red-contrib-osf", path.join(podFolders.nodes, "resources"));
  return files;
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  } catch {
    return []; // a package that has no such folder
  }
}
