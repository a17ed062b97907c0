import { readFile } from "node:fs/promises";
import path from "node:path";

/** Where the local driver keeps what pods say; it outlives them for a while. */
export const podLogFolder = (dataDir: string): string => path.join(dataDir, "pods", "logs");

export async function readPodLog(dataDir: string, id: string, lines: number): Promise<string> {
  const text = await readFile(path.join(podLogFolder(dataDir), `${path.basename(id)}.log`), "utf8").catch(() => "");
  return text.trimEnd().split("\n").slice(-lines).join("\n");
}
