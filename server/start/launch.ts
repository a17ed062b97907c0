import { AppError } from "../kernel/errors.ts";
import { nextFreePort, portProblem } from "../postgres/ports.ts";
import { ensureBuild } from "./build.ts";
import type { StartContext } from "./context.ts";
import { openDatabase } from "./database.ts";
import { prepareAccounts, startDemoModel, startFactory, type DemoAccount } from "./demo.ts";
import { claim, type Claim } from "./instance.ts";
import { startPart } from "./part.ts";
import { keepSecrets } from "./secrets.ts";
import { namesUpstreams } from "./upstreams.ts";
import { isDemo, isLoopback, listenAddress, makeSettings, publicUrl } from "./settings.ts";

export interface Launched {
  url: string;
  accounts: DemoAccount[];
}

/** One start of an installation at a time; web and worker that run apart may share the folder. */
const claimName = ({ env }: StartContext) => (env.OSF_ROLE === "all" ? "instance" : `instance-${env.OSF_ROLE}`);

/** Claims the data folder for this process. Throws AppError that says who has it. */
export async function claimInstance(context: StartContext): Promise<Claim> {
  const held = await claim(context.data.root, claimName(context));
  if (!("heldBy" in held)) return held;
  const { pid, url: there } = held.heldBy;
  throw new AppError(
    "conflict",
    "instance.running",
    there ? `Already running at ${there} (pid ${pid})` : `The data folder ${context.data.root} is in use (pid ${pid})`,
  );
}

/** Starts everything that the environment asks for, and resolves when it serves. */
export async function launch(context: StartContext, port: number): Promise<Launched> {
  const { env, terminal, dev, version, signal } = context;
  const demo = isDemo(env);
  const web = env.OSF_ROLE !== "worker";
  const jwtSecret = env.JWT_SECRET ?? keepSecrets(context.data.secrets).jwtSecret;

  // What does not depend on anything else starts at the same time.
  const [databaseUrl, demoUpstreams, demoModelUrl] = await together([
    openDatabase(context),
    // Servers of one's own are not mixed with those of a plant that does not exist, unless that is wanted.
    demo && (env.OSF_DEMO === true || !namesUpstreams(env)) ? startFactory(context) : Promise.resolve([]),
    demo && !env.LLM_URL_FREE ? startDemoModel(context) : Promise.resolve(undefined),
    web && !dev ? preparePages(context) : Promise.resolve(),
  ]);
  signal.throwIfAborted();

  const url = publicUrl(env, port);
  const settings = makeSettings(env, {
    version,
    dev,
    port,
    dataDir: context.data.root,
    databaseUrl,
    jwtSecret,
    demoModelUrl,
    demoUpstreams,
    upstreams: context.upstreams,
  });
  const start = async (name: "web" | "worker", file: string, where: string, stopDeadlineMs: number) => {
    const began = performance.now();
    await startPart(context, { name, file, config: settings, readyDeadlineMs: 60_000, stopDeadlineMs });
    terminal.done(name, where, began);
  };
  const [accounts] = await together([
    demo ? prepareAccounts(context, { databaseUrl, url }) : Promise.resolve([]),
    env.OSF_ROLE === "web" ? Promise.resolve() : start("worker", "server/worker.ts", "executes runs", 60_000),
    web ? start("web", "server/main.ts", `listens on ${settings.host}:${port}`, 20_000) : Promise.resolve(),
  ]);
  signal.throwIfAborted();
  return { url, accounts };
}

/** `Promise.all` that waits for all to settle before it fails: nobody starts anything behind the back of the stop. */
async function together<T extends readonly Promise<unknown>[] | []>(
  steps: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(steps);
  return Promise.all(steps);
}

async function preparePages({ project, terminal, signal }: StartContext): Promise<void> {
  const began = performance.now();
  const progress = (line: string) => terminal.progress("pages", line);
  const built = await ensureBuild({ project, progress, signal });
  terminal.done("pages", built ? "built" : "up to date", began);
}

/** The port of the web server: the wanted one, or in an unconfigured demo the next that is free. */
export async function choosePort({ env, portChosen, terminal }: StartContext): Promise<number> {
  const host = listenAddress(env);
  if (env.OSF_ROLE === "worker") return env.PORT;
  const problem = await portProblem(env.PORT, host);
  if (!problem) return env.PORT;
  const other = problem === "EADDRINUSE" && isDemo(env) && !portChosen && (await nextFreePort(env.PORT, host));
  if (other) {
    terminal.attention("port", `${env.PORT} is busy, using ${other} (PORT chooses another)`);
    return other;
  }
  throw new AppError(
    "unavailable",
    "port.unusable",
    WHY_NOT[problem]?.(env.PORT, host) ?? `Port ${env.PORT}: ${problem}`,
  );
}

const WHY_NOT: Record<string, (port: number, host: string) => string> = {
  EADDRINUSE: (port) => `Port ${port} is in use by another program. Stop it, or choose another port with PORT`,
  EACCES: (port) => `Port ${port} needs more rights than this user has. Choose one above 1023 with PORT`,
  EADDRNOTAVAIL: (_port, host) => `HOST=${host} is not an address of this machine`,
  ENOTFOUND: (_port, host) => `HOST=${host} is not an address of this machine`,
};

/** Warns of what is risky in this combination of settings. */
export function warnings({ env }: StartContext): string[] {
  const exposed = isDemo(env) && !isLoopback(listenAddress(env));
  return exposed
    ? [
        `the demo is open to the network on ${listenAddress(env)}, with accounts whose passwords are known from this page`,
      ]
    : [];
}
