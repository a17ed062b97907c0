import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import type { Environment } from "../../kernel/env.ts";
import { AppError } from "../../kernel/errors.ts";
import { findBinaries } from "../../postgres/binaries.ts";
import { chooseIdentity, PROGRAM_ENV } from "../../postgres/identity.ts";
import { serverVersion } from "../database.ts";
import { isDemo } from "../settings.ts";
import { attention, fault, ok, type Finding } from "./findings.ts";

const run = promisify(execFile);

/** The database of DATABASE_URL, or the programs of the embedded one. */
export async function checkDatabase(env: Environment): Promise<Finding> {
  if (env.DATABASE_URL) {
    const { host } = new URL(env.DATABASE_URL);
    return serverVersion(env.DATABASE_URL).then(
      (version) => ok(`PostgreSQL ${version} at ${host}`),
      (error: unknown) => fault(`${host} cannot be used (${inWords(error)}): check DATABASE_URL and the server`),
    );
  }
  try {
    const { postgres } = await findBinaries();
    const { stdout } = await run(postgres, ["--version"], { env: PROGRAM_ENV });
    return ok(`embedded, ${stdout.trim()}`);
  } catch (error) {
    return fault(inWords(error));
  }
}

/** PostgreSQL refuses to run as root: how the embedded one gets around that here. */
export async function checkRoot(dataPostgres: string, env: Environment): Promise<Finding> {
  if (process.getuid?.() !== 0) return ok("not root");
  if (env.DATABASE_URL) return ok("root; the database runs elsewhere");
  try {
    const { prefix } = await chooseIdentity(path.join(dataPostgres, "cluster"));
    return ok(
      `root; the database runs ${prefix[0] === "unshare" ? "in a user namespace" : "as another user (setpriv)"}`,
    );
  } catch (error) {
    return fault(inWords(error));
  }
}

export async function checkModel(tier: "free" | "premium", env: Environment): Promise<Finding> {
  const url = tier === "free" ? env.LLM_URL_FREE : env.LLM_URL_PREMIUM;
  const key = tier === "free" ? env.LLM_KEY_FREE : env.LLM_KEY_PREMIUM;
  const model = tier === "free" ? env.LLM_MODEL_FREE : env.LLM_MODEL_PREMIUM;
  if (!url) return tier === "premium" ? ok("the server of the tier free") : withoutModel(env);
  try {
    const response = await fetch(`${url.replace(/\/+$/, "")}/models`, {
      headers: key ? { authorization: `Bearer ${key}` } : {},
      signal: AbortSignal.timeout(5_000),
    });
    if (response.status === 401 || response.status === 403) return fault(`${url} refuses the key (LLM_KEY_…)`);
    if (!response.ok) return attention(`${url}/models answers ${response.status}: is the address up to and with /v1?`);
    return (await response.text()).includes(`"${model}"`)
      ? ok(`${url} serves ${model}`)
      : attention(`${url} answers, but does not list ${model} (LLM_MODEL_…)`);
  } catch (error) {
    return attention(`${url} cannot be reached (${inWords(error)}): answers will fail until it runs`);
  }
}

function withoutModel(env: Environment): Finding {
  return isDemo(env)
    ? ok("demo model (rule-based, no AI)")
    : attention("none configured: set LLM_URL_FREE to an OpenAI-compatible server");
}

function inWords(error: unknown): string {
  if (error instanceof AppError) return error.message;
  if (error instanceof AggregateError) return inWords(error.errors[0]); // Node's refused connections
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.message === "fetch failed" ? inWords(error.cause) : error.message;
}
