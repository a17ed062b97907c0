import { randomBytes } from "node:crypto";
import pino from "pino";
import { createTestDatabase } from "#tests/support/test-database.ts";
import type { Actor } from "../../kernel/actor.ts";
import { openDatabase } from "../../kernel/db.ts";
import type { Role } from "../../kernel/permissions.ts";
import type { Deps } from "../deps.ts";
import { createAccount } from "./create-account.ts";
import { hashPassword } from "./password-hash.ts";

export const PASSWORD = "turbine-lamp-7-river";
export const START = new Date("2026-11-21T08:00:00.000Z");

export type WorldDeps = Pick<Deps, "db" | "sql" | "clock" | "settings" | "log">;

/** A database of its own, a clock that tests move, and people. For tests of accounts and what stands on them. */
export async function createWorld({ demo = false, publicUrl = "http://localhost:8080" } = {}) {
  const base = await createTestDatabase();
  const database = openDatabase(base.url, { connections: 8 });
  let now = START.getTime();
  let people = 0;
  const settings = {
    demo,
    port: 8080,
    publicUrl,
    jwtSecret: randomBytes(32).toString("hex"),
  } as Deps["settings"]; // what accounts read of them
  const deps: WorldDeps = {
    db: database.rows,
    sql: database.sql,
    clock: { now: () => new Date(now) },
    settings,
    log: pino({ level: "silent" }),
  };
  // One hash for all: what a test signs in with is always the same.
  const passwordHash = await hashPassword(PASSWORD);

  return {
    deps,
    url: base.url,
    /** Moves the clock. */
    pass(ms: number) {
      now += ms;
    },
    /** Sets the clock to the real time, which next-auth goes by. */
    useRealTime() {
      now = Date.now();
    },
    /** An account, and its actor in the personal workspace as if through a browser. */
    async person(about: { name?: string; owner?: boolean } = {}): Promise<Actor> {
      const name = about.name ?? `Person ${++people}`;
      const email = `p${people}.${randomBytes(4).toString("hex")}@example.com`;
      const owner = about.owner ?? false;
      const { userId, workspaceId } = await database.rows.$transaction((tx) =>
        createAccount(tx, { at: new Date(now), email, name, passwordHash, owner }),
      );
      return {
        userId,
        name,
        email,
        workspaceId,
        role: "admin",
        owner,
        via: "session",
        credentialId: "ses_none",
        scopes: null,
      };
    },
    /** Puts the person into another's workspace; answers their actor there. */
    async join(actor: Actor, workspaceId: string, role: Role): Promise<Actor> {
      await database.rows.membership.create({ data: { workspaceId, userId: actor.userId, role } });
      return { ...actor, workspaceId, role };
    },
    audit: (action: string) => database.rows.auditEntry.findMany({ where: { action }, orderBy: { id: "asc" } }),
    async close() {
      await database.close();
      await base.drop();
    },
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;
