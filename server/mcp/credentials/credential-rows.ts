import type { OAuthClientInformationMixed } from "@modelcontextprotocol/client";
import type { Clock } from "../../kernel/clock.ts";
import type { Rows, Tx } from "../../kernel/db.ts";
import { newId } from "../../kernel/ids.ts";
import type { Live } from "../../kernel/live.ts";
import type { Vault } from "../vault.ts";

/** Live topic on which a change of somebody's connection is announced: `<upstream's id> <workspace> <user>`. */
export const CONNECTIONS_TOPIC = "connections";

/** Whose: of a person in a workspace. */
export interface GrantKey {
  upstreamId: string;
  workspaceId: string;
  userId: string;
}

/** What a person's consent gave, in the clear: in memory only. */
export interface Grant {
  issuer: string;
  /** The upstream's address when the person consented: to another one nothing of it is sent. */
  url: string;
  accessToken: string;
  refreshToken?: string;
  scope?: string;
  /** Milliseconds since 1970; both missing where the issuer does not say. */
  expiresAt?: number;
  refreshAt?: number;
  /** Who it was given to. Without secret where that is kept among the upstream's settings. */
  client: OAuthClientInformationMixed;
  /** Scopes that the upstream asked for since: the next consent asks for them too. */
  wanted?: string;
  /** Somebody is renewing it, until then at the latest (milliseconds since 1970): everybody else waits for that. */
  lease?: { by: string; until: number };
}

/** Registration at an issuer, one for all people of the upstream. */
export interface Registration {
  client: OAuthClientInformationMixed;
  /** The client was named by an administrator, and this was the issuer at that time. */
  fixed?: boolean;
}

/** Tokens and registrations towards upstreams, sealed. Reads of grants are answered from memory. */
export interface CredentialRows {
  /** Null: there is none. */
  grant(key: GrantKey): Promise<Grant | null>;
  /**
   * Changes the grant while nobody else does, in whatever process. `change` is given it as it is now and answers what it
   * shall be; null removes it, undefined leaves it. It must not wait for anything but `tx`: a connection is held.
   */
  change(
    key: GrantKey,
    change: (now: Grant | null, tx: Tx) => Promise<Grant | null | undefined>,
  ): Promise<Grant | null>;
  /** Resolves when the grant was changed, by whomever, or after so many milliseconds. */
  changed(key: GrantKey, ms: number): Promise<void>;
  registrations(upstreamId: string, workspaceId: string): Promise<(Registration & { issuer: string })[]>;
  saveRegistration(upstreamId: string, workspaceId: string, issuer: string, registration: Registration): Promise<void>;
  removeRegistration(upstreamId: string, workspaceId: string, issuer: string): Promise<void>;
  close(): void;
}

interface Options {
  db: Rows;
  live: Pick<Live, "subscribe" | "onGap" | "publishIn">;
  vault: Pick<Vault, "seal" | "open">;
  clock: Clock;
}

const KEEP = 5_000;
/** In place of a user's id: of the upstream itself. */
const NOBODY = "";

/** What a sealed credential is bound to. */
export const credentialContext = (row: GrantKey & { issuer: string }) =>
  `upstream-credential:${row.upstreamId}:${row.workspaceId}:${row.userId}:${row.issuer}`;

export function createCredentialRows({ db, live, vault, clock }: Options): CredentialRows {
  const held = new Map<string, Grant | null>();
  const textOf = ({ upstreamId, workspaceId, userId }: GrantKey) => `${upstreamId} ${workspaceId} ${userId}`;
  let changes = 0;
  const forget = (key: string) => {
    changes++;
    held.delete(key);
  };
  const ends = [
    live.subscribe(CONNECTIONS_TOPIC, forget),
    live.onGap(() => {
      changes++;
      held.clear();
    }),
  ];

  const open = async <T>(row: GrantKey & { issuer: string; sealed: string }): Promise<T> =>
    JSON.parse(await vault.open(row.sealed, credentialContext(row))) as T; // written below, and sealed since
  const read = async (from: Rows | Tx, key: GrantKey): Promise<Grant | null> => {
    const row = await from.upstreamCredential.findFirst({ where: { ...key }, orderBy: { updatedAt: "desc" } });
    return row && open<Grant>(row);
  };
  const write = async (tx: Rows | Tx, key: GrantKey, issuer: string, value: Grant | Registration) => {
    const at = clock.now();
    const sealed = await vault.seal(JSON.stringify(value), credentialContext({ ...key, issuer }));
    const isGrant = "accessToken" in value;
    const data = {
      sealed,
      scopes: isGrant ? (value.scope?.split(" ").filter(Boolean) ?? []) : [],
      expiresAt: isGrant && value.expiresAt !== undefined ? new Date(value.expiresAt) : null,
      updatedAt: at,
    };
    const { upstreamId, workspaceId, userId } = key;
    await tx.upstreamCredential.upsert({
      where: { upstreamId_workspaceId_userId_issuer: { upstreamId, workspaceId, userId, issuer } },
      create: { id: newId("upc", at.getTime()), ...key, issuer, createdAt: at, ...data },
      update: data,
    });
  };

  return {
    async grant(key) {
      const text = textOf(key);
      const known = held.get(text);
      if (known !== undefined) return known;
      const before = changes;
      const grant = await read(db, key);
      if (changes === before) {
        if (held.size >= KEEP) held.clear(); // rare enough to simply begin anew
        held.set(text, grant);
      }
      return grant;
    },
    async change(key, change) {
      const text = textOf(key);
      const after = await db.$transaction(async (tx) => {
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext(${`osf-connection:${text}`}))`;
        const now = await read(tx, key);
        const next = await change(now, tx);
        if (next === undefined) return now;
        // One issuer at a time: after a migration nothing of the former one is left.
        await tx.upstreamCredential.deleteMany({ where: { ...key, ...(next && { issuer: { not: next.issuer } }) } });
        if (next) await write(tx, key, next.issuer, next);
        await live.publishIn(tx, CONNECTIONS_TOPIC, text);
        return next;
      });
      forget(text);
      return after;
    },
    changed(key, ms) {
      const text = textOf(key);
      return new Promise((done) => {
        const stop = () => {
          clearTimeout(timer);
          end();
          done();
        };
        const timer = setTimeout(stop, ms);
        const end = live.subscribe(CONNECTIONS_TOPIC, (changed) => changed === text && stop());
      });
    },
    async registrations(upstreamId, workspaceId) {
      const rows = await db.upstreamCredential.findMany({ where: { upstreamId, workspaceId, userId: NOBODY } });
      return Promise.all(rows.map(async (row) => ({ ...(await open<Registration>(row)), issuer: row.issuer })));
    },
    saveRegistration: (upstreamId, workspaceId, issuer, registration) =>
      write(db, { upstreamId, workspaceId, userId: NOBODY }, issuer, registration),
    async removeRegistration(upstreamId, workspaceId, issuer) {
      await db.upstreamCredential.deleteMany({ where: { upstreamId, workspaceId, userId: NOBODY, issuer } });
    },
    close: () => ends.forEach((end) => end()),
  };
}
