import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Log } from "../../kernel/log.ts";
import type { Containment } from "./containment.ts";
import { startProgram, type FromProgram } from "./start-program.ts";

const PREFIX = "cache-";
const DEADLINE_MS = 30_000;

/**
 * The compile cache that halves the start of a pod. It is filled once for each version by a start of the program that
 * runs nobody's flow; afterwards no pod may write to it, or one seat could put code into the pods of others.
 */
export function createCompileCache(
  containment: Containment,
  version: string,
  program: Pick<Parameters<typeof startProgram>[0]["config"], "nodesDirs" | "exclude" | "publicKey">,
  log: Log,
) {
  const folder = path.join(containment.root, `${PREFIX}${version.replaceAll(/[^\w.-]/g, "_")}`);
  const complete = path.join(folder, ".complete");
  let filling: Promise<void> | undefined;

  async function fill(): Promise<void> {
    if (existsSync(complete)) return;
    for (const name of readdirSync(containment.root)) {
      if (name.startsWith(PREFIX)) rmSync(path.join(containment.root, name), { recursive: true, force: true });
    }
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    const home = path.join(containment.root, "prime");
    mkdirSync(home, { recursive: true, mode: 0o700 });
    writeFileSync(path.join(home, "package.json"), "{}");
    try {
      const config = {
        id: "prime",
        secret: "",
        gatewayUrl: "",
        home,
        host: "127.0.0.1",
        cache: folder,
        launcher: null,
        prime: true,
        ...program,
      };
      const child = startProgram({ config, memoryMb: 512, uid: null, output: undefined });
      const ready = await new Promise<boolean>((resolve) => {
        const late = setTimeout(() => resolve(false), DEADLINE_MS);
        child.once("message", (message: FromProgram) => resolve(message.type === "ready"));
        child.once("exit", () => resolve(false));
        child.once("close", () => clearTimeout(late));
      });
      const ended = new Promise((done) =>
        child.exitCode === null && child.signalCode === null ? child.once("exit", done) : done(undefined),
      );
      child.kill("SIGKILL");
      await ended;
      if (!ready) throw new Error("the pod program did not start");
      writeFileSync(complete, "");
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  }

  return {
    /** The folder that a pod is to use; pods work without, only slower. */
    async forPod(home: string): Promise<string> {
      filling ??= fill().catch((err: unknown) => log.warn({ err }, "pods start without a compile cache"));
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
