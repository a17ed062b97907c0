import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const PROJECT = path.resolve(import.meta.dirname, "../..");
const SOURCES = ["nodered-nodes/osf-pod", "nodered-nodes/node-red-contrib-osf"];

/** Where the pod program and the OSF nodes are. */
export const podFolders = {
  project: PROJECT,
  program: path.join(PROJECT, "nodered-nodes/osf-pod"),
  nodes: path.join(PROJECT, "nodered-nodes/node-red-contrib-osf"),
};

let known: string | undefined;

/**
 * What the pods of this gateway are made of: its version, Node-RED's, and a hash of the pod program and the OSF nodes.
 * A pod of another version is replaced when nobody needs it.
 */
export function podVersion(version: string): string {
  known ??= hashSources();
  return `${version}+${known}`;
}

function hashSources(): string {
  const hash = createHash("sha256").update(process.version).update(nodeRedVersion());
  for (const folder of SOURCES) {
    const root = path.join(PROJECT, folder);
    for (const name of readdirSync(root, { recursive: true, encoding: "utf8" }).toSorted()) {
      if (/(^|[\\/])(test|node_modules)([\\/]|$)|\.test\.[jt]s$|\.md$/.test(name)) continue;
      const file = path.join(root, name);
      if (statSync(file).isFile()) hash.update(name).update(readFileSync(file));
    }
  }
  return hash.digest("hex").slice(0, 12);
}

function nodeRedVersion(): string {
  const { version } = createRequire(import.meta.url)("node-red/package.json") as { version: string }; // npm's own field
  return version;
}
