import type { Tx } from "../../kernel/db.ts";
import { newId } from "../../kernel/ids.ts";

export interface NewAccount {
  at: Date;
  /** Lower case. */
  email: string;
  name: string;
  passwordHash: string;
  owner: boolean;
}

/** A person with a workspace of their own. Throws Prisma's P2002 where the address is taken. */
export async function createAccount(tx: Tx, { at, email, name, passwordHash, owner }: NewAccount) {
  const userId = newId("usr", at.getTime());
  const workspaceId = newId("wsp", at.getTime());
  await tx.user.create({
    // Without mail there is nothing to verify an address with: it counts as verified.
    data: { id: userId, email, name, passwordHash, owner, emailVerifiedAt: at, createdAt: at },
  });
  await tx.workspace.create({ data: { id: workspaceId, name, personal: true, createdAt: at } });
  await tx.membership.create({ data: { workspaceId, userId, role: "admin", createdAt: at } });
  return { userId, workspaceId };
}
