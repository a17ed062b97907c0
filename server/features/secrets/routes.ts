import { z } from "zod";
import { route } from "../../edge/rest/route.ts";
import { listSecrets, secretUsage } from "./list-secrets.ts";
import { putSecret } from "./put-secret.ts";
import { removeSecret } from "./remove-secret.ts";
import { ChangeSecret, ListSecrets, SecretRef, SecretUsage, SecretView } from "./schema.ts";

const tag = "Secrets";
const params = SecretRef.pick({ name: true });

export const secretRoutes = [
  route({
    method: "GET",
    path: "/api/secrets",
    permission: "secret.read",
    tag,
    summary: "Secrets by name; values are never returned",
    query: ListSecrets,
    response: z.object({ items: z.array(SecretView), nextCursor: z.null() }),
    handle: async ({ deps, actor, query }) => ({ items: await listSecrets(deps, actor, query), nextCursor: null }),
  }),
  route({
    method: "GET",
    path: "/api/secrets/{name}",
    permission: "secret.read",
    tag,
    summary: "Who used a secret, and what is set up with it",
    params,
    query: ListSecrets,
    response: SecretUsage,
    handle: ({ deps, actor, params, query }) => secretUsage(deps, actor, { ...params, ...query }),
  }),
  route({
    method: "PUT",
    path: "/api/secrets/{name}",
    permission: "secret.write",
    tag,
    summary: "Set a secret, or another value of it",
    params,
    query: ListSecrets,
    body: ChangeSecret,
    response: SecretView,
    handle: ({ deps, actor, params, query, body }) => putSecret(deps, actor, { ...params, ...query, ...body }),
  }),
  route({
    method: "DELETE",
    path: "/api/secrets/{name}",
    permission: "secret.write",
    tag,
    summary: "Remove a secret",
    params,
    query: ListSecrets,
    response: z.object({ removed: z.literal(true) }),
    handle: async ({ deps, actor, params, query }) => {
      await removeSecret(deps, actor, { ...params, ...query });
      return { removed: true as const };
    },
  }),
];
