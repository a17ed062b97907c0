import { setTimeout as pause } from "node:timers/promises";
import { openDatabase } from "#server/kernel/db.ts";
import { openLive } from "#server/kernel/live.ts";
import { createLog } from "#server/kernel/log.ts";
import type { Settings } from "#server/kernel/settings.ts";
import { RunWorker } from "./run-worker.ts";
import { chain } from "./test-steps.ts";

// A worker in a process of its own, for tests that kill it: it records one long chain in pieces, and says by IPC how
// many records are durable whenever it knows.
const [url = "", jwtSecret = ""] = process.argv.slice(2);
const log = createLog("recorder", "silent");
const { rows: db, sql } = openDatabase(url);
const live = await openLive({ url, sql, log });
const settings = { databaseUrl: url, jwtSecret, executionTimeoutMs: 60_000 } as Settings; // all that a worker reads
const worker = new RunWorker(
  { db, sql, live, log, settings },
  {
    executors: [
      {
        kind: "flow",
        resumesFrom: "steps",
        async execute({ record, commit }) {
          const records = chain(5_000);
          for (let at = 0; at < records.length;) {
            const piece = records.slice(at, at + 1 + ((at * 7) % 23));
            record(piece);
            at += piece.length;
            if (at % 5 === 0) {
              await commit();
              process.send?.(at);
            } else await pause(at % 3);
          }
          return {};
        },
      },
    ],
    settlers: [],
  },
);
await worker.start();
