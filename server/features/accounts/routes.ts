import { Page, pageOf, route } from "../../edge/rest/route.ts";
import { AppError } from "../../kernel/errors.ts";
import { createApiKey, listApiKeys, revokeApiKey } from "./api-keys.ts";
import { limitedSignIn } from "./limited-sign-in.ts";
import { me } from "./profile.ts";
import { holdRate } from "./rate-limit.ts";
import { register } from "./register.ts";
import { ApiKey, ById, CreateApiKey, Login, Me, Message, NewApiKey, Refresh, Register, SignedIn } from "./schema.ts";
import { revokeSession } from "./sessions.ts";
import { issueTokens, refresh } from "./tokens.ts";

const tag = "Accounts";

export const accountRoutes = [
  route({
    method: "POST",
    path: "/auth/register",
    permission: null,
    tag,
    summary: "Create an account",
    description: "With a personal workspace. Three a minute from one address.",
    body: Register,
    response: Message,
    status: 201,
    errors: { 409: "There is an account with this address", 422: "The password is weak: `errors` has the remedy" },
    async handle({ deps, body, ip }) {
      await holdRate(deps, "register", ip);
      await register(deps, body, { ip });
      return { message: "The account was created. You can sign in now" };
    },
  }),
  route({
    method: "POST",
    path: "/auth/login",
    permission: null,
    tag,
    summary: "Sign in a program",
    description: "Ten a minute from one address, five with one e-mail address.",
    body: Login,
    response: SignedIn,
    errors: {
      401: "E-mail address or password is wrong",
      403: "The address is not verified: `needsVerification`",
      423: "Locked for 15 minutes after 5 failures: `lockedUntil`",
    },
    async handle({ deps, body, ip, request }) {
      const from = { ip, userAgent: request.headers.get("user-agent") };
      return issueTokens(deps, await limitedSignIn(deps, body, from, "token"));
    },
  }),
  route({
    method: "POST",
    path: "/auth/refresh",
    permission: null,
    tag,
    summary: "Exchange a refresh token for the next pair of tokens",
    description: "Each refresh token works once; a second use ends the whole sign-in.",
    body: Refresh,
    response: SignedIn,
    errors: { 401: "`auth.expired`, `auth.revoked` or `auth.invalid`: sign in again" },
    handle: ({ deps, body, ip }) => refresh(deps, body.refreshToken, { ip }),
  }),
  route({
    method: "POST",
    path: "/auth/logout",
    permission: "account.write",
    tag,
    summary: "End the sign-in in use, with all its tokens",
    response: Message,
    async handle({ deps, actor }) {
      if (actor.via === "api-key")
        throw new AppError("invalid", "auth.no-session", "An API key has no sign-in to end; revoke the key instead");
      await revokeSession(deps, actor, { id: actor.credentialId }, "auth.logout");
      return { message: "Signed out" };
    },
  }),
  route({
    method: "GET",
    path: "/auth/me",
    permission: "account.read",
    tag,
    summary: "Who the caller is, in which workspace, and what they may do there",
    response: Me,
    handle: ({ deps, actor }) => me(deps, actor),
  }),
  route({
    method: "GET",
    path: "/auth/api-keys",
    permission: "api-key.read",
    tag,
    summary: "The caller's API keys in this workspace",
    query: Page,
    response: pageOf(ApiKey),
    handle: ({ deps, actor, query }) => listApiKeys(deps, actor, query),
  }),
  route({
    method: "POST",
    path: "/auth/api-keys",
    permission: "api-key.write",
    tag,
    summary: "Create an API key for this workspace",
    description:
      "The key is shown in this answer only. It cannot do or outlive more than the credential that creates it.",
    body: CreateApiKey,
    response: NewApiKey,
    status: 201,
    errors: { 422: "A scope beyond the caller's own, or an expiry that is not ahead" },
    handle: ({ deps, actor, body }) => createApiKey(deps, actor, body),
  }),
  route({
    method: "DELETE",
    path: "/auth/api-keys/{id}",
    permission: "api-key.write",
    tag,
    summary: "Revoke an API key",
    params: ById,
    response: Message,
    async handle({ deps, actor, params }) {
      await revokeApiKey(deps, actor, params);
      return { message: "The key was revoked" };
    },
  }),
];
