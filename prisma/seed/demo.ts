import { randomInt } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import pg from "pg";
import { z } from "zod";
import { DEMO_PEOPLE, DEMO_WORKSPACE_ID, FLOW_AUTHOR, type DemoAccounts } from "./demo-people.ts";

const AccountsFile: z.ZodType<DemoAccounts> = z.object({
  url: z.string(),
  accounts: z.array(z.object({ email: z.string(), password: z.string().min(8), role: z.string() })),
});

export interface DemoSeed {
  databaseUrl: string;
  /** Where the passwords are kept, readable by its owner only. Lost or damaged: all three get new passwords. */
  accountsFile: string;
  /** Address people open, for the file. */
  url: string;
}

/** The demo's people, their workspaces and flows. May run at each start: what is there stays as it is. */
export async function seedDemo({ databaseUrl, accountsFile, url }: DemoSeed): Promise<DemoAccounts> {
  const kept = await readAccounts(accountsFile);
  const accounts = DEMO_PEOPLE.map(({ email, role }) => ({
    email,
    password: kept?.accounts.find((account) => account.email === email)?.password ?? generatePassword(),
    role,
  }));
  // What writes is loaded only when there is something to write: that saves most of the time at later starts.
  if (!kept || !(await isComplete(databaseUrl))) {
    const { seedPeople } = await import("./write-demo.ts");
    await seedPeople(databaseUrl, accounts, { resetPasswords: !kept });
  }
  // After the database: were it the other way round, a crash in between would leave passwords that fit nobody.
  const current: DemoAccounts = { url, accounts };
  if (JSON.stringify(kept) !== JSON.stringify(current)) await writeAccounts(accountsFile, current);
  return current;
}

async function isComplete(databaseUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ email: string; flows: boolean }>(
      `SELECT u."email", EXISTS (
         SELECT FROM "FlowDocument" d WHERE d."workspaceId" = m."workspaceId" AND d."userId" = m."userId") AS flows
       FROM "Membership" m JOIN "User" u ON u."id" = m."userId"
       WHERE m."workspaceId" = $1 AND u."email" = ANY($2)`,
      [DEMO_WORKSPACE_ID, DEMO_PEOPLE.map(({ email }) => email)],
    );
    return rows.length === DEMO_PEOPLE.length && rows.some(({ email, flows }) => email === FLOW_AUTHOR && flows);
  } finally {
    await client.end();
  }
}

async function readAccounts(file: string): Promise<DemoAccounts | null> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  try {
    const accounts = AccountsFile.parse(JSON.parse(text));
    return DEMO_PEOPLE.every(({ email }) => accounts.accounts.some((account) => account.email === email))
      ? accounts
      : null;
  } catch {
    return null; // damaged: as if it were lost
  }
}

async function writeAccounts(file: string, accounts: DemoAccounts): Promise<void> {
  const draft = `${file}.${process.pid}.new`;
  try {
    await writeFile(draft, `${JSON.stringify(accounts, null, 2)}\n`, { mode: 0o600 });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

// Without characters that are mistaken for others: these passwords are read from a terminal and typed.
const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";

/** `xxxx-xxxx-xxxx`, about 59 bits. */
const generatePassword = () =>
  Array.from({ length: 3 }, () => Array.from({ length: 4 }, () => LETTERS[randomInt(LETTERS.length)]).join("")).join(
    "-",
  );
