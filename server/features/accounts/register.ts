import { Prisma, type Tx } from "../../kernel/db.ts";
import { AppError } from "../../kernel/errors.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import { createAccount } from "./create-account.ts";
import { hashPassword } from "./password-hash.ts";
import { passwordProblem } from "./password-rules.ts";
import type { Register } from "./schema.ts";

/** Throws `password.weak` (422) with the field and the remedy. */
export function refuseWeak(password: string, about: { email: string; name: string }, field: string): void {
  const problem = passwordProblem(password, about);
  if (problem)
    throw new AppError("unprocessable", "password.weak", problem, { fields: [{ path: field, message: problem }] });
}

/**
 * Creates the account and its personal workspace. Outside demo mode the first account of an installation becomes
 * its owner. Throws `password.weak` (422), `account.exists` (409).
 */
export async function register(
  { db, clock, settings }: Pick<Deps, "db" | "clock" | "settings">,
  { email, password, name }: Register,
  from: { ip: string },
): Promise<{ userId: string; workspaceId: string }> {
  refuseWeak(password, { email, name }, "password");
  const passwordHash = await hashPassword(password);
  const at = clock.now();
  try {
    return await db.$transaction(async (tx) => {
      const owner = !settings.demo && (await isFirst(tx));
      const account = await createAccount(tx, { at, email, name, passwordHash, owner });
      await recordAudit(tx, {
        at,
        actor: { ...account, name, role: "admin", via: "session" },
        action: "auth.register",
        subject: email,
        detail: { ip: from.ip, owner },
      });
      return account;
    });
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002")
      throw new AppError("conflict", "account.exists", "There is an account with this address; sign in instead", {
        fields: [{ path: "email", message: "There is an account with this address; sign in instead" }],
        cause: error,
      });
    throw error;
  }
}

/** Whether there is no account yet; then others that ask at the same time wait until this transaction ends. */
async function isFirst(tx: Tx): Promise<boolean> {
  if (await tx.user.findFirst({ select: { id: true } })) return false;
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('osf.first-account'))`;
  return (await tx.user.findFirst({ select: { id: true } })) === null;
}
