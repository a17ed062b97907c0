import type { Actor } from "#server/kernel/actor.ts";
import { AppError, missing } from "#server/kernel/errors.ts";
import type { Deps } from "../deps.ts";
import { resumeRun } from "../runs/index.ts";
import { putSecret } from "../secrets/index.ts";
import type { FormAnswer, FormRequest, ProvideConfig, ProvideSecrets } from "./forms.schema.ts";

const MAX_VALUES = 50_000;

interface Ref {
  runId: string;
  callId: string;
}
type OpenForm = { stepSeq: number; n: number; args: FormRequest };

/** The open form of a call of one's own turn. Throws `missing`, `conflict` (`chat.not-asked`). */
async function openForm(deps: Pick<Deps, "db" | "sql">, actor: Actor, { runId, callId }: Ref, op: FormRequest["op"]) {
  const { workspaceId, userId } = actor;
  const run = await deps.db.run.findFirst({ where: { id: runId, kind: "chat", workspaceId, userId } });
  if (!run) throw missing("run");
  const { rows } = await deps.sql.query<OpenForm>(
    `SELECT "stepSeq", n, args FROM "RunCall" WHERE "runId" = $1 AND op = $2 AND state = 'begun' AND args->>'callId' = $3`,
    [runId, op, callId],
  );
  const [form] = rows;
  if (!form || run.endedAt) throw notAsked();
  return form;
}

const notAsked = () =>
  new AppError("conflict", "chat.not-asked", "This is no longer asked: it was answered, or the answer was stopped");

/** Writes the answer down and lets the turn go on: both or neither, and once. */
async function answer(
  deps: Pick<Deps, "db">,
  { runId }: Ref,
  { stepSeq, n }: OpenForm,
  given: FormAnswer,
): Promise<void> {
  await deps.db.$transaction(async (tx) => {
    const count = await tx.$executeRaw`
      UPDATE "RunCall" SET state = 'answered', result = ${JSON.stringify(given)}::json
      WHERE "runId" = ${runId} AND "stepSeq" = ${stepSeq} AND n = ${n} AND state = 'begun'`;
    if (count === 0) throw notAsked();
    await resumeRun(tx, runId);
  });
}

/** The configuration of a server that a turn asked for; null declines. The turn goes on, and asks again for what is wrong. */
export async function provideConfig(
  deps: Pick<Deps, "db" | "sql">,
  actor: Actor,
  { values, ...ref }: ProvideConfig,
): Promise<void> {
  const form = await openForm(deps, actor, ref, "config.request");
  if (JSON.stringify(values).length > MAX_VALUES)
    throw new AppError("large", "chat.values", `The values have more than ${MAX_VALUES} characters`);
  await answer(deps, ref, form, values ? { action: "accept", values } : { action: "decline" });
}

/**
 * Secrets that a turn asked for; null declines. They go into the vault and nowhere else: the turn learns that they are
 * there. Throws also what storing a secret throws (`forbidden`).
 */
export async function provideSecrets(
  deps: Pick<Deps, "db" | "sql" | "live" | "clock" | "vault">,
  actor: Actor,
  { secrets, ...ref }: ProvideSecrets,
): Promise<void> {
  const form = await openForm(deps, actor, ref, "secrets.request");
  if (!secrets) return answer(deps, ref, form, { action: "decline" });
  const { names } = form.args as Extract<FormRequest, { kind: "secrets" }>; // of this operation
  const fields = [
    ...names.filter((name) => !Object.hasOwn(secrets, name)).map((path) => ({ path, message: "is needed" })),
    ...Object.keys(secrets)
      .filter((name) => !names.includes(name))
      .map((path) => ({ path, message: "was not asked for" })),
  ];
  if (fields.length > 0)
    throw new AppError("invalid", "chat.secrets", "Not the secrets that were asked for", { fields });
  for (const name of names) await putSecret(deps, actor, { name, value: secrets[name] ?? "", scope: "workspace" });
  await answer(deps, ref, form, { action: "accept", values: {} });
}
