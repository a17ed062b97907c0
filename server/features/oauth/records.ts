import { errors, type Adapter, type AdapterPayload } from "oidc-provider";
import { deriveKey, openText, sealText, sha256 } from "../../kernel/crypto.ts";
import type { Prisma } from "../../kernel/db.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";

/** How an access token of an app looks: 256 bits, in an alphabet without dots, so that no JWT is one. */
export const OAUTH_TOKEN = /^[\w-]{43}$/;
export const TOKEN_BITS = 256;

/** Everything whose id is no secret; of all others only the hash of the id is kept. */
const OPEN_IDS = new Set(["Client", "Grant"]);

/** Where it is told that a credential ended: whoever keeps what it was worth forgets it. Payload: its id. */
export const CREDENTIALS_TOPIC = "credentials";

type RecordDeps = Pick<Deps, "db" | "live" | "clock" | "settings">;

/** Ends the grant with all that came from it: code, access and refresh tokens, and the app in the person's list. */
export async function endGrant({ db, live }: Pick<Deps, "db" | "live">, grantId: string): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const { count } = await tx.oAuthRecord.deleteMany({ where: { grantId } });
    await live.publishIn(tx, CREDENTIALS_TOPIC, grantId);
    return count > 0;
  });
}

/** A code or a refresh token was used a second time, and its connection was ended for that. */
export const noteReplay = ({ db, clock }: Pick<Deps, "db" | "clock">, grantId: string): Promise<void> =>
  recordAudit(db, { at: clock.now(), actor: null, action: "oauth.replay", subject: grantId, outcome: "refused" });

const isStorable = (text: string) => text.isWellFormed() && !text.includes("\0");

/** Throws `invalid_request` for what no database takes: it comes from whoever asks, and is no mistake of ours. */
function mustBeStorable(payload: AdapterPayload): void {
  JSON.stringify(payload, (_, member: unknown) => {
    if (typeof member === "string" && !isStorable(member))
      throw new errors.InvalidRequest("texts must be well-formed and have no null characters");
    return member;
  });
}

/** What oidc-provider keeps, one row each: its storage by kind of thing. Rows that expired are deleted by a job. */
export function createRecords(deps: RecordDeps): (model: string) => Adapter {
  const { db, clock, settings } = deps;
  const key = deriveKey(settings.jwtSecret, "oauth-client-secret");

  // A client's secret must be compared with, and so be readable; everything else that is secret is an id.
  const sealed = (id: string, payload: AdapterPayload): AdapterPayload =>
    typeof payload.client_secret === "string"
      ? { ...payload, client_secret: sealText(key, payload.client_secret, id) }
      : payload;
  const opened = (id: string, payload: AdapterPayload): AdapterPayload =>
    typeof payload.client_secret === "string"
      ? { ...payload, client_secret: openText(key, payload.client_secret, id) ?? "" }
      : payload;

  return (model) => {
    const keyOf = (id: string) => (OPEN_IDS.has(model) ? id : sha256(id));
    const where = (id: string) => ({ model_id: { model, id: keyOf(id) } });
    return {
      async upsert(id, payload, expiresIn) {
        mustBeStorable(payload);
        const { jti: _secret, ...kept } = sealed(id, payload);
        const data = {
          payload: kept as Prisma.InputJsonObject, // it comes from JSON and goes back to it
          userId: payload.accountId ?? null,
          grantId: model === "Grant" ? id : (payload.grantId ?? null),
          uid: payload.uid ?? null,
          userCode: null,
          expiresAt: expiresIn ? new Date(clock.now().getTime() + expiresIn * 1_000) : null,
        };
        await db.oAuthRecord.upsert({
          where: where(id),
          create: { model, id: keyOf(id), ...data, createdAt: clock.now() },
          update: data,
        });
      },
      async find(id) {
        const row = isStorable(id) ? await db.oAuthRecord.findUnique({ where: where(id) }) : null;
        return row ? opened(id, payloadOf(row, model === "Client" ? undefined : id)) : undefined;
      },
      // Sessions of the provider live for one authorization only: nothing is bound to them, and nobody looks for them.
      findByUid: async () => undefined,
      findByUserCode: async () => undefined,
      async consume(id) {
        // Two that come at the same time are one too many, as the second of two that come one after the other is.
        const { count } = await db.oAuthRecord.updateMany({
          where: { model, id: keyOf(id), consumedAt: null },
          data: { consumedAt: clock.now() },
        });
        if (count > 0) return;
        const used = await db.oAuthRecord.findUnique({ where: where(id), select: { grantId: true } });
        if (used?.grantId) {
          await endGrant(deps, used.grantId);
          await noteReplay(deps, used.grantId);
        }
        throw new errors.InvalidGrant(`${model} was used already`);
      },
      async destroy(id) {
        if (model === "Grant") return void (await endGrant(deps, id));
        await db.oAuthRecord.deleteMany({ where: { model, id: keyOf(id) } });
      },
      async revokeByGrantId(grantId) {
        await db.oAuthRecord.deleteMany({ where: { model, grantId } });
        if (model === "AccessToken") await deps.live.publish(CREDENTIALS_TOPIC, grantId);
      },
    };
  };
}

function payloadOf(row: { payload: Prisma.JsonValue; consumedAt: Date | null }, jti?: string): AdapterPayload {
  return {
    ...(row.payload as AdapterPayload), // as `upsert` wrote it
    ...(jti === undefined ? {} : { jti }),
    ...(row.consumedAt ? { consumed: Math.floor(row.consumedAt.getTime() / 1_000) } : {}),
  };
}
