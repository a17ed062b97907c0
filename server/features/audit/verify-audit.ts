import type { Deps } from "../deps.ts";
import {
  ANCHOR_KEY,
  CHAINED_COLUMNS,
  entryHash,
  GENESIS,
  HEAD_KEY,
  type ChainedEntry,
  type ChainHead,
} from "./chain.ts";
import type { AuditVerdict } from "./schema.ts";

const BATCH = 2_000;
/** Seconds after which the linker must have seen an entry. */
const LINKED_WITHIN_SECONDS = 60;

type Linked = ChainedEntry & { seq: string; hash: string };
type Break = NonNullable<AuditVerdict["broken"]>;

/** What is wrong with an entry at this place of the chain; null: nothing. */
function breakAt(entry: Linked, expected: bigint, before: string): Break | null {
  const { seq, id } = entry;
  if (BigInt(seq) !== expected) {
    const until = BigInt(seq) - 1n;
    const lost = until === expected ? `Entry ${expected} is` : `Entries ${expected} to ${until} are`;
    return { seq: String(expected), id: null, why: "gap", message: `${lost} missing, before ${id}` };
  }
  if (entryHash(before, entry) === entry.hash) return null;
  return {
    seq,
    id,
    why: "hash",
    message: `Entry ${seq} (${id}) was changed after it was written, or the one before it was exchanged`,
  };
}

/**
 * Walks the whole chain, in one snapshot of the database, up to the first break. `known`: an end of the chain that was
 * noted elsewhere before; against somebody who can write the whole database only that helps.
 */
export async function verifyAudit(
  { sql, clock }: Pick<Deps, "sql" | "clock">,
  known?: ChainHead,
): Promise<AuditVerdict> {
  const client = await sql.connect();
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const { rows: settings } = await client.query<{ key: string; value: ChainHead }>(
      `SELECT key, value FROM "InstallationSetting" WHERE key IN ($1, $2)`,
      [HEAD_KEY, ANCHOR_KEY],
    );
    const settled = (name: string) => settings.find(({ key }) => key === name)?.value ?? { seq: "0", hash: GENESIS };
    const [noted, anchor] = [settled(HEAD_KEY), settled(ANCHOR_KEY)];
    let [at, hash, entries] = [BigInt(anchor.seq), anchor.hash, 0];
    let broken: Break | null = null;
    let sawKnown = known !== undefined && BigInt(known.seq) <= at; // what is removed cannot be looked at
    while (!broken) {
      const { rows } = await client.query<Linked>(
        `SELECT ${CHAINED_COLUMNS}, seq::text, hash FROM "AuditEntry" WHERE seq > $1 ORDER BY "AuditEntry".seq LIMIT $2`,
        [String(at), BATCH],
      );
      for (const entry of rows) {
        broken = breakAt(entry, at + 1n, hash);
        if (broken) break;
        [at, hash] = [at + 1n, entry.hash];
        entries++;
        if (known && String(at) === known.seq) {
          sawKnown = true;
          if (hash !== known.hash) broken = exchanged(entry);
        }
        if (broken) break;
      }
      if (rows.length < BATCH) break;
    }
    if (!broken && known && !sawKnown) broken = cutOff(at, known.seq);
    if (!broken && (noted.seq !== String(at) || noted.hash !== hash)) broken = cutOff(at, noted.seq);
    const { rows: open } = await client.query<{ waiting: number; late: number }>(
      `SELECT count(*)::int AS waiting, (count(*) FILTER (WHERE at < $1))::int AS late FROM "AuditEntry" WHERE seq IS NULL`,
      [new Date(clock.now().getTime() - LINKED_WITHIN_SECONDS * 1_000)],
    );
    const { waiting = 0, late = 0 } = open[0] ?? {};
    return {
      ok: broken === null && late === 0,
      entries,
      removed: anchor.seq,
      head: { seq: String(at), hash },
      broken,
      unlinked: waiting,
      late,
      checkedAt: clock.now(),
    };
  } finally {
    await client.query("ROLLBACK").catch(() => undefined);
    client.release();
  }
}

const exchanged = ({ seq, id }: Linked): Break => ({
  seq,
  id,
  why: "head",
  message: `Entry ${seq} is not the one that was noted: the chain up to it was written anew`,
});

const cutOff = (at: bigint, noted: string): Break => ({
  seq: String(at + 1n),
  id: null,
  why: "head",
  message: `The chain ends with entry ${at}, but it reached ${noted}: its last entries are missing or were written anew`,
});
