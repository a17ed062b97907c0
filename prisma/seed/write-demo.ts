import { createAccount, hashPassword } from "#server/features/accounts/index.ts";
import { openDatabase } from "#server/kernel/db.ts";
import { DEMO_PEOPLE, DEMO_WORKSPACE_ID, type DemoAccounts } from "./demo-people.ts";
import { seedFlows } from "./write-flows.ts";

/** Creates who and what is missing of the demo's people, workspaces and flows; with `resetPasswords` sets theirs anew. */
export async function seedPeople(
  databaseUrl: string,
  accounts: DemoAccounts["accounts"],
  { resetPasswords }: { resetPasswords: boolean },
): Promise<void> {
  const at = new Date();
  const hashes = await Promise.all(accounts.map(({ password }) => hashPassword(password)));
  const database = openDatabase(databaseUrl, { connections: 2 });
  try {
    await database.rows.$transaction(async (tx) => {
      // Two starts at the same time must not both find an account missing.
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('osf.seed-demo'))`;
      await tx.workspace.createMany({
        data: { id: DEMO_WORKSPACE_ID, name: "Demo plant", createdAt: at },
        skipDuplicates: true,
      });
      for (const [i, { email, name, role, owner }] of DEMO_PEOPLE.entries()) {
        const passwordHash = hashes[i] ?? ""; // one hash for each of the people
        let userId = (await tx.user.findUnique({ where: { email }, select: { id: true } }))?.id;
        if (!userId) ({ userId } = await createAccount(tx, { at, email, name, passwordHash, owner }));
        else if (resetPasswords) await tx.user.update({ where: { id: userId }, data: { passwordHash } });
        const { count } = await tx.membership.createMany({
          data: { workspaceId: DEMO_WORKSPACE_ID, userId, role, createdAt: at },
          skipDuplicates: true,
        });
        if (count > 0) await tx.user.update({ where: { id: userId }, data: { homeWorkspaceId: DEMO_WORKSPACE_ID } });
      }
    });
    await seedFlows(database);
  } finally {
    await database.close();
  }
}
