import { fromPrisma, PgBoss } from "pg-boss";
import type { z } from "zod";
import type { Tx } from "./db.ts";
import type { Log } from "./log.ts";

/** One kind of background work. Handlers run at least once: they are idempotent and heed the signal. */
export interface Job<S extends z.ZodType = z.ZodType> {
  name: string;
  payload: S;
  /** Tries after the first. */
  retries: number;
}

export const defineJob = <S extends z.ZodType>(name: string, payload: S, { retries = 5 } = {}): Job<S> => ({
  name,
  payload,
  retries,
});

export interface Jobs {
  /** Queues the job when and only when `tx` commits. */
  enqueue<S extends z.ZodType>(tx: Tx, job: Job<S>, payload: z.input<S>): Promise<void>;
  /** Takes jobs of this kind, woken by NOTIFY. `handle` gets each payload parsed. */
  work<S extends z.ZodType>(job: Job<S>, handle: (payload: z.output<S>) => Promise<void>): Promise<void>;
  /** Runs at each match of the cron expression, once in the whole installation. */
  schedule(job: Job, cron: string): Promise<void>;
  close(): Promise<void>;
}

/** `role: "send"` only enqueues; `"work"` also supervises the queues. `jobs` are created where they are missing. */
export async function openJobs({
  url,
  role,
  jobs,
  log,
}: {
  url: string;
  role: "send" | "work";
  jobs: readonly Job[];
  log: Log;
}): Promise<Jobs> {
  const works = role === "work";
  const boss = new PgBoss({
    connectionString: url,
    max: works ? 4 : 2,
    supervise: works,
    schedule: works,
    useListenNotify: works,
    superviseIntervalSeconds: 1,
    monitorIntervalSeconds: 1,
  });
  boss.on("error", (err) => log.warn({ err }, "job queue"));
  await boss.start();
  for (const job of jobs) {
    await boss.createQueue(job.name, {
      notify: true,
      retryLimit: job.retries,
      retryDelay: 0,
      heartbeatSeconds: 10,
      expireInSeconds: 3_600,
      deleteAfterSeconds: 86_400,
    });
  }
  return {
    async enqueue(tx, job, payload) {
      await boss.send(job.name, payload as object, { db: fromPrisma(tx) }); // every payload schema is an object
    },
    async work(job, handle) {
      const options = {
        batchSize: 10,
        burstWhenBatchFull: true,
        notifyPollingIntervalSeconds: 0.5,
        pollingIntervalSeconds: 0.5,
        perJobResults: true,
      } as const;
      await boss.work(job.name, options, (batch) =>
        Promise.all(
          batch.map(async ({ id, data }) => {
            try {
              await handle(job.payload.parse(data));
              return { id, status: "completed" as const };
            } catch (err) {
              log.error({ err, job: job.name, id }, "job failed");
              return { id, status: "failed" as const };
            }
          }),
        ),
      );
    },
    async schedule(job, cron) {
      await boss.schedule(job.name, cron);
    },
    async close() {
      await boss.stop({ graceful: true, timeout: 10_000, close: true });
    },
  };
}
