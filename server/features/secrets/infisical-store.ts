import { z } from "zod";
import type { Clock } from "../../kernel/clock.ts";
import type { Rows } from "../../kernel/db.ts";
import type { InfisicalSettings } from "../../kernel/settings.ts";
import { away, createInfisicalClient } from "./infisical-client.ts";
import { INSTALLATION, type SecretStore, type StoredSecret } from "./store.ts";

const Listed = z.object({
  secrets: z.array(
    z.object({
      secretKey: z.string(),
      secretValue: z.string().optional(),
      secretComment: z.string().nullish(),
      version: z.number().int().default(1),
      createdAt: z.coerce.date().optional(),
      updatedAt: z.coerce.date().optional(),
    }),
  ),
});
type Listed = z.output<typeof Listed>["secrets"];
const NAME = /^[A-Z][A-Z0-9_]{0,63}$/;

interface Options {
  infisical: InfisicalSettings;
  db: Rows;
  clock: Clock;
}

/**
 * Secrets in an Infisical project (API v4): each workspace has the folder `{path}/{its id}`, the installation
 * `{path}/installation`. Folders are made when the first secret is put. What people change in Infisical itself is heard
 * of when the vault's short memory ends.
 */
export function createInfisicalStore({ infisical, db, clock }: Options): SecretStore {
  const call = createInfisicalClient(infisical, () => clock.now().getTime());
  const { projectId, environment } = infisical;
  const root = infisical.path.replace(/\/+$/, "");
  const folderOf = (owner: string) => (owner === INSTALLATION ? "installation" : owner);
  const where = (owner: string) => ({ projectId, environment, secretPath: `${root}/${folderOf(owner)}` });

  /** None where the folder is not there: nothing was ever put. */
  const listed = async (owner: string, viewSecretValue: boolean): Promise<Listed> => {
    const query = new URLSearchParams({
      ...where(owner),
      viewSecretValue: String(viewSecretValue),
      expandSecretReferences: "true",
      recursive: "false",
    });
    const { status, body } = await call("GET", `/api/v4/secrets?${query}`);
    if (status === 404) return [];
    const parsed = Listed.safeParse(body);
    if (status !== 200 || !parsed.success) throw away(`does not list secrets (${status})`);
    return parsed.data.secrets.filter(({ secretKey }) => NAME.test(secretKey));
  };
  const makeFolders = async (owner: string) => {
    const parts = [...root.split("/").filter(Boolean), folderOf(owner)];
    for (const [index, name] of parts.entries()) {
      const path = `/${parts.slice(0, index).join("/")}`;
      const { status } = await call("POST", "/api/v2/folders", { projectId, environment, name, path });
      // 400: it is there already
      if (status !== 200 && status !== 400) throw away(`does not make the folder ${name} (${status})`);
    }
  };

  return {
    kind: "infisical",
    async read(owner, names) {
      const wanted = new Set(names);
      const found = await listed(owner, true);
      return new Map(
        found.flatMap(({ secretKey, secretValue }) =>
          wanted.has(secretKey) && secretValue !== undefined ? [[secretKey, secretValue] as const] : [],
        ),
      );
    },
    async list(owner) {
      const found = await listed(owner, false);
      const uses = await db.auditEntry.groupBy({
        by: ["subject"],
        where: {
          workspaceId: owner === INSTALLATION ? null : owner,
          action: "secret.use",
          subject: { in: found.map(({ secretKey }) => secretKey) },
        },
        _max: { at: true },
      });
      const usedAt = new Map(uses.map(({ subject, _max }) => [subject, _max.at]));
      return found
        .map(({ secretKey, secretComment, version, createdAt, updatedAt }): StoredSecret => ({
          name: secretKey,
          description: secretComment ?? "",
          version,
          createdAt: createdAt ?? new Date(0),
          updatedAt: updatedAt ?? createdAt ?? new Date(0),
          lastUsedAt: usedAt.get(secretKey) ?? null,
        }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    async put(owner, { name, value, description }, also) {
      const path = `/api/v4/secrets/${name}`;
      const body = {
        ...where(owner),
        secretValue: value,
        ...(description !== undefined && { secretComment: description }),
      };
      const there = (await listed(owner, false)).some(({ secretKey }) => secretKey === name);
      let { status } = await call(there ? "PATCH" : "POST", path, body);
      if (!there && status === 404) {
        await makeFolders(owner);
        ({ status } = await call("POST", path, body));
      }
      if (status !== 200) throw away(`does not take the secret ${name} (${status})`);
      await db.$transaction((tx) => also(tx, !there));
    },
    async remove(owner, name, also) {
      const { status } = await call("DELETE", `/api/v4/secrets/${name}`, where(owner));
      if (status === 404) return false;
      if (status !== 200) throw away(`does not remove the secret ${name} (${status})`);
      await db.$transaction(also);
      return true;
    },
  };
}
