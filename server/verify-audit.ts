import { openDatabase } from "./kernel/db.ts";
import { systemClock } from "./kernel/clock.ts";
import { readCommandEnvironment } from "./kernel/env.ts";
import { verifyAudit } from "./features/audit/index.ts";

const NO_TABLE = "42P01";

/**
 * `npm run audit:verify [-- SEQ:HASH]`: whether the audit's chain is unbroken, and, where an end that it told before is
 * given, whether it still goes through that. Exit code 1 where not.
 */
async function main(noted: string | undefined): Promise<number> {
  const known = /^(\d+):([0-9a-f]{64})$/.exec(noted ?? "");
  if (noted !== undefined && !known) {
    console.error("What was noted must look as this command prints it: SEQ:HASH");
    return 2;
  }
  const { databaseUrl: url } = readCommandEnvironment();
  if (!url) throw new Error("run by prisma/with-database.ts, which sets DATABASE_URL");
  const database = openDatabase(url, { connections: 2 });
  try {
    const [, seq = "", hash = ""] = known ?? [];
    const verdict = await verifyAudit({ sql: database.sql, clock: systemClock }, known ? { seq, hash } : undefined);
    const { entries, removed, head, broken, unlinked, late } = verdict;
    if (removed !== "0") console.log(`The first ${removed} entries were removed by retention`);
    console.log(`${entries} entries are as they were written, up to ${head.seq}:${head.hash}`);
    if (unlinked > 0)
      console.log(
        `${unlinked} are not linked yet${late > 0 ? `, ${late} of them for more than a minute: does a worker run?` : ""}`,
      );
    if (broken) console.error(`BROKEN: ${broken.message}`);
    console.log(
      verdict.ok
        ? "The audit is sound. Note the end above elsewhere, and give it to this command the next time"
        : "The audit is NOT sound",
    );
    return verdict.ok ? 0 : 1;
  } catch (error) {
    if ((error as { code?: unknown }).code !== NO_TABLE) throw error; // pg puts its code there
    console.error("This database holds no audit: the product was never started on it");
    return 1;
  } finally {
    await database.close();
  }
}

process.exitCode = await main(process.argv[2]);
