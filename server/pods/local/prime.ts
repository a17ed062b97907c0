import type { ChildProcess } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Log } from "../../kernel/log.ts";
import { captureEditor, hasEditorContent, PRIME } from "../editor-content.ts";
import type { PodTokens } from "../tokens.ts";
import type { Containment } from "./containment.ts";
import { startProgram, type FromProgram } from "./start-program.ts";

const PREFIX = "cache-";
const DEADLINE_MS = 30_000;
/** How long pods go without, before what failed is tried again. */
const TRY_AGAIN_MS = 30_000;

interface Program {
  nodesDirs: string[];
  exclude: string[];
  tokens: PodTokens;
  dataDir: string;
}

/**
 * What pods of one version share, made by one start of the program that runs nobody's flow: the compile cache, which
 * halves the start of the others, and the editor's pages. Afterwards no pod may write to either, or one seat could put
 * code into the pods and browsers of others.
 */
export function createShared(containment: Containment, version: string, program: Program, log: Log) {
  const { dataDir, tokens, nodesDirs, exclude } = program;
  const folder = path.join(containment.root, `${PREFIX}${version.replaceAll(/[^\w.-]/g, "_")}`);
  const complete = path.join(folder, ".complete");
  let filling: Promise<void> | undefined;

  async function fill(): Promise<void> {
    if (existsSync(complete) && hasEditorContent(dataDir, version)) return;
    for (const name of readdirSync(containment.root))
      if (name.startsWith(PREFIX)) rmSync(path.join(containment.root, name), { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    const home = path.join(containment.root, PRIME.id);
    mkdirSync(home, { recursive: true, mode: 0o700 });
    writeFileSync(path.join(home, "package.json"), "{}");
    const config = {
      id: PRIME.id,
      secret: "",
      gatewayUrl: "",
      publicKey: tokens.publicKey,
      home,
      host: "127.0.0.1",
      nodesDirs,
      exclude,
      cache: folder,
      launcher: { pid: process.pid, startTime: null },
      prime: true,
    };
    const child = startProgram({ config, memoryMb: 512, uid: null, output: undefined });
    const end = () => child.kill("SIGKILL");
    process.once("exit", end);
    try {
      await captureEditor(`127.0.0.1:${await portOf(child)}`, tokens, dataDir, version);
      writeFileSync(complete, "");
    } finally {
      process.removeListener("exit", end);
      await ended(child);
      rmSync(home, { recursive: true, force: true });
    }
  }

  return {
    /** The compile cache for a pod with this home; pods work without, only slower. */
    async cacheFor(home: string): Promise<string> {
      filling ??= fill().catch((err: unknown) => {
        log.error({ err }, "pods start without a compile cache, and editors wait for their pages");
        setTimeout(() => (filling = undefined), TRY_AGAIN_MS).unref();
      });
      await filling;
      if (containment.separate) return folder;
      // The same user could write: each has its own copy.
      const own = path.join(home, "cache");
      if (existsSync(complete)) cpSync(folder, own, { recursive: true });
      else mkdirSync(own, { recursive: true });
      return own;
    },
  };
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`the pod program is not ready after ${DEADLINE_MS / 1_000} s`)),
      DEADLINE_MS,
    );
    child.once("message", (message: FromProgram) => {
      clearTimeout(late);
      if (message.type === "ready") resolve(message.port);
      else reject(new Error(message.message));
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error("the pod program ended")));
  });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return Promise.resolve();
  return new Promise((done) => {
    child.once("exit", () => done());
    child.kill("SIGKILL");
  });
}
