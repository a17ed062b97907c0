import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { AppError } from "./kernel/errors.ts";
import { EnvironmentError, isSet, secretVariables, type Environment } from "./kernel/env.ts";
import type { SettingsUpstream } from "./kernel/upstream.schema.ts";
import type { StartContext } from "./start/context.ts";
import { openDataFolder } from "./start/data-folder.ts";
import type { Claim } from "./start/instance.ts";
import { choosePort, claimInstance, launch, warnings, type Launched } from "./start/launch.ts";
import { trackRunning } from "./start/running.ts";
import { isDemo, publicUrl } from "./start/settings.ts";
import { readWholeEnvironment } from "./start/upstreams.ts";
import { openTerminal } from "./start/terminal.ts";

/**
 * `npm start` and, with `--dev`, `npm run dev`: starts every part in order, keeps them alive, stops them in order. A
 * small process that loads neither Next nor the database client.
 */
const PROJECT = path.resolve(import.meta.dirname, "..");
/** npm and the terminal may both deliver the same Ctrl-C. */
const SAME_SIGNAL_MS = 700;

const terminal = openTerminal();
const running = trackRunning(terminal);
const starting = new AbortController();
let stoppedAt: number | undefined;
let instance: Claim | undefined;

async function stop(exitCode: number): Promise<never> {
  starting.abort();
  await running.stop();
  await instance?.release();
  process.exit(exitCode);
}

function onSignal(): void {
  if (stoppedAt === undefined) {
    stoppedAt = performance.now();
    terminal.note("\nStopping. Once more ends everything at once.");
    void stop(0);
  } else if (performance.now() - stoppedAt > SAME_SIGNAL_MS) {
    running.kill();
    process.exit(130);
  }
}

function onFault(part: string, reason: string): void {
  terminal.fault(part, reason);
  if (stoppedAt !== undefined) return;
  stoppedAt = performance.now();
  void stop(1);
}

function checkEnvironment(): { env: Environment; upstreams: SettingsUpstream[] } {
  if (existsSync(path.join(PROJECT, ".env"))) process.loadEnvFile(path.join(PROJECT, ".env"));
  const read = readWholeEnvironment();
  const { env } = read;
  if (env.OSF_ROLE !== "all" && !env.DATABASE_URL)
    throw new EnvironmentError([
      `OSF_ROLE: ${env.OSF_ROLE} alone needs DATABASE_URL, the database that it shares with the other processes`,
    ]);
  return read;
}

/** The children are told what they need; their environment holds no secret. */
function cleanEnvironment(dev: boolean, compileCache: string): void {
  for (const name of secretVariables()) delete process.env[name];
  Object.assign(process.env, {
    NODE_ENV: dev ? "development" : "production",
    NEXT_TELEMETRY_DISABLED: "1",
    // From the second start on the parts need not load the type stripper: 20 to 30 MB less each, and a quicker start.
    NODE_COMPILE_CACHE: compileCache,
  });
}

async function start(): Promise<void> {
  const began = performance.now();
  const dev = process.argv.includes("--dev");
  const { env, upstreams } = checkEnvironment();
  const portChosen = isSet("PORT");
  const version = env.APP_VERSION ?? packageVersion();
  const mode = isDemo(env) ? "demo mode: nothing is configured, all of it runs here" : env.OSF_ROLE;
  terminal.heading(`OSF Gateway ${version} (${mode})\n`);
  const data = openDataFolder(PROJECT, env.OSF_DATA_DIR);
  const context: StartContext = {
    project: PROJECT,
    env,
    upstreams,
    portChosen,
    dev,
    version,
    data,
    terminal,
    running,
    signal: starting.signal,
    giveUp: onFault,
  };
  cleanEnvironment(dev, data.compileCache);
  instance = await claimInstance(context);
  const port = await choosePort(context);
  instance.announce(publicUrl(env, port));
  for (const warning of warnings(context)) terminal.attention("address", warning);
  const launched = await launch(context, port);
  welcome(launched, env.OSF_ROLE, began);
}

function welcome({ url, accounts }: Launched, role: Environment["OSF_ROLE"], began: number): void {
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  terminal.heading(role === "worker" ? `The worker is ready after ${seconds} s` : `${url}   ready after ${seconds} s`);
  const width = Math.max(0, ...accounts.map(({ email }) => email.length));
  for (const { email, password, role: rights } of accounts)
    terminal.note(`  ${email.padEnd(width)}   ${password}   (${rights})`);
  terminal.note("");
}

function packageVersion(): string {
  const text = readFileSync(path.join(PROJECT, "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version; // our own file
}

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, onSignal);
process.on("uncaughtException", (error) => onFault("launcher", error.stack ?? String(error)));
process.on("unhandledRejection", (error) =>
  onFault("launcher", error instanceof Error ? (error.stack ?? error.message) : String(error)),
);

try {
  await start();
} catch (error) {
  if (stoppedAt === undefined) {
    if (error instanceof EnvironmentError) for (const problem of error.problems) terminal.fault("environment", problem);
    else if (error instanceof AppError) terminal.fault("start", error.message);
    else terminal.fault("start", error instanceof Error ? (error.stack ?? error.message) : String(error));
    stoppedAt = performance.now();
    await stop(1);
  }
}
