import { existsSync } from "node:fs";
import path from "node:path";
import { createVault, rotateKeys } from "./features/secrets/index.ts";
import { systemClock } from "./kernel/clock.ts";
import { openDatabase } from "./kernel/db.ts";
import { readCommandEnvironment } from "./kernel/env.ts";
import { openLive } from "./kernel/live.ts";
import { createLog } from "./kernel/log.ts";
import { locateDataFolder } from "./start/data-folder.ts";
import { keepSecrets } from "./start/secrets.ts";
import { secretSettings } from "./start/settings.ts";

/**
 * `npm run secrets:rotate`: a new data key for all stored secrets, and, where LLM_ENCRYPTION_KEY_OLD is set, the change
 * to LLM_ENCRYPTION_KEY. `-- --anew`: the former key is lost; what it sealed is left as it is, and has to be entered
 * again. The product may run meanwhile. Exit code 1 where something could not be opened.
 */
const PROJECT = path.resolve(import.meta.dirname, "..");

async function main(): Promise<number> {
  const file = path.join(PROJECT, ".env");
  if (existsSync(file)) process.loadEnvFile(file);
  const { env, databaseUrl } = readCommandEnvironment();
  if (!databaseUrl) throw new Error("run by prisma/with-database.ts, which sets DATABASE_URL");
  const generated = locateDataFolder(PROJECT, env.OSF_DATA_DIR).secrets;
  if (!env.JWT_SECRET && !existsSync(generated)) {
    console.error("JWT_SECRET is not set, and there are no generated secrets: nothing was ever stored here");
    return 1;
  }
  const jwtSecret = env.JWT_SECRET ?? keepSecrets(generated).jwtSecret;
  const log = createLog("secrets", env.LOG_LEVEL);
  const { rows: db, sql, close } = openDatabase(databaseUrl, { connections: 3 });
  const live = await openLive({ url: databaseUrl, sql, log });
  const settings = { jwtSecret, ...secretSettings(env) };
  const vault = createVault({ settings, db, live, log, clock: systemClock });
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort(new Error("Stopped. The next rotation goes on from here")));
  try {
    const done = await rotateKeys(
      { db, vault, clock: systemClock },
      { signal: stop.signal, anew: process.argv.includes("--anew") },
    );
    if (done.resumed) console.log("A rotation that was broken off was gone on with");
    console.log(`${done.secrets} secrets and ${done.credentials} tokens of upstreams are sealed with a new key`);
    if (done.keysResealed) console.log(`${done.keysResealed} keys are sealed with the present LLM_ENCRYPTION_KEY`);
    if (env.LLM_ENCRYPTION_KEY_OLD && !done.unreadable)
      console.log("LLM_ENCRYPTION_KEY_OLD is needed no more: remove it, and start the product anew");
    if (done.deleted) console.log(`${done.deleted} old keys were deleted`);
    if (done.unreadable)
      console.error(`${done.unreadable} could not be opened with any key, and were left as they are`);
    return done.unreadable ? 1 : 0;
  } finally {
    await vault.close();
    await live.close();
    await close();
  }
}

/** Prisma's: a table is not there. */
const NO_TABLE = "P2021";
process.exitCode = await main().catch((error: unknown) => {
  if (error instanceof Error && "code" in error && error.code === NO_TABLE)
    console.error("This database holds no secrets: the product was never started on it");
  else console.error(error instanceof Error ? error.message : error);
  return 1;
});
