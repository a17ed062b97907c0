import type { Approval } from "#server/generated/prisma/client.ts";
import type { Actor } from "#server/kernel/actor.ts";
import type { Prisma } from "#server/kernel/db.ts";
import { AppError } from "#server/kernel/errors.ts";
import { allows, requirementOf } from "#server/kernel/permissions.ts";

type Asked = Pick<Approval, "kind" | "approvers" | "notByStarter" | "starterId">;

/**
 * Consent is a person's: whoever asks for a call through a program, an app or a pod cannot let the same program agree
 * to it.
 */
const answersInPerson = ({ via }: Actor) => via === "session" || via === "token";

/** What a credential was not given it does not do, whoever holds it. */
const scopeAllows = ({ scopes }: Actor) => scopes === null || scopes.includes("approval.respond");

/**
 * Why an actor may not answer; null: may. The one rule for it: named as approver, or, where nobody is named, allowed by
 * role; and not the one who started it, where that is asked for.
 */
export function refusal(actor: Actor, { kind, approvers, notByStarter, starterId }: Asked): AppError | null {
  const forbidden = (code: string, message: string) => new AppError("forbidden", code, message);
  if (!scopeAllows(actor)) return forbidden("auth.scope", "This API key does not have the scope approval.respond");
  if (notByStarter && starterId === actor.userId)
    return forbidden("approval.starter", "You started this, so somebody else has to decide");
  if (kind === "tool" && starterId === actor.userId && !answersInPerson(actor))
    return forbidden(
      "approval.in-person",
      "This call was asked for in your name: answer it yourself, in the Inbox, or let somebody else do so",
    );
  if (approvers.length > 0)
    return approvers.includes(actor.userId)
      ? null
      : forbidden("approval.not-named", "Only the people that the flow names may answer this");
  if (allows(actor, "approval.respond")) return null;
  return forbidden(
    "auth.role",
    `This needs the role ${requirementOf("approval.respond").atLeast}; yours is ${actor.role}`,
  );
}

/** The same as a condition on rows. */
export function answerableBy(actor: Actor): Prisma.ApprovalWhereInput {
  const nobody: Prisma.ApprovalWhereInput = { id: { in: [] } };
  if (!scopeAllows(actor)) return nobody;
  return {
    AND: [
      {
        OR: [
          { approvers: { has: actor.userId } },
          allows(actor, "approval.respond") ? { approvers: { isEmpty: true } } : nobody,
        ],
      },
      { OR: [{ notByStarter: false }, { starterId: null }, { starterId: { not: actor.userId } }] },
      answersInPerson(actor) ? {} : { NOT: { kind: "tool", starterId: actor.userId } },
    ],
  };
}
