import type { NextAuthOptions } from "next-auth";
import CredentialsModule from "next-auth/providers/credentials";
import { BROWSER_MAX_MS, limitedSignIn } from "../features/accounts/index.ts";
import { Login } from "../features/accounts/schema.ts";
import { recordAudit } from "../features/audit/index.ts";
import type { Deps } from "../features/deps.ts";
import { anticipated, AppError } from "../kernel/errors.ts";
import { actorOfSession } from "./actor.ts";
import { ipOf } from "./request-context.ts";
import { cookieName, cookieSecret, isSecure } from "./session-cookie.ts";

type AuthDeps = Pick<Deps, "db" | "sql" | "clock" | "settings" | "log">;

// next-auth 4 is CommonJS: natively imported, the default import is the module object.
const Credentials =
  (CredentialsModule as unknown as { default?: typeof CredentialsModule }).default ?? CredentialsModule;

export const SIGN_IN_PAGE = "/sign-in";

/**
 * What the sign-in page gets as `error`: the problem's code, after a colon what else is to be told:
 * `auth.credentials`, `auth.locked:<ISO time until>`, `auth.busy:<s>`, `rate.limited:<s>`, `auth.unverified`,
 * `database.away:<s>`, `request.invalid`, `bug`.
 */
function errorForPage(error: AppError | undefined): string {
  if (!error) return "bug";
  const until = error.hints.extra?.["lockedUntil"];
  if (typeof until === "string") return `${error.code}:${until}`;
  return error.hints.retryAfter === undefined ? error.code : `${error.code}:${Math.ceil(error.hints.retryAfter)}`;
}

/**
 * next-auth's options; its own address it takes from NEXTAUTH_URL, which server/main.ts sets. Credentials and an encrypted JWT cookie that names an `AuthSession` row, which
 * decides.
 */
export function createAuthOptions(deps: AuthDeps): NextAuthOptions {
  const { settings, log } = deps;
  const secure = isSecure(settings);
  const maxAge = BROWSER_MAX_MS / 1_000;
  const cookie = { httpOnly: true, sameSite: "lax", path: "/", secure } as const;

  return {
    secret: cookieSecret(settings),
    useSecureCookies: secure,
    session: { strategy: "jwt", maxAge },
    jwt: { maxAge },
    pages: { signIn: SIGN_IN_PAGE, error: SIGN_IN_PAGE },
    cookies: {
      sessionToken: { name: cookieName(settings, "session"), options: cookie },
      csrfToken: { name: cookieName(settings, "csrf"), options: cookie },
      callbackUrl: { name: cookieName(settings, "callback"), options: cookie },
    },
    providers: [
      Credentials({
        name: "E-mail and password",
        credentials: { email: { label: "E-mail", type: "email" }, password: { label: "Password", type: "password" } },
        async authorize(given, request) {
          try {
            const login = Login.safeParse({ email: given?.email, password: given?.password });
            if (!login.success)
              throw new AppError("invalid", "request.invalid", "Write an e-mail address and a password");
            const headers = new Headers(request.headers as Record<string, string>); // next-auth: `any`
            const from = { ip: ipOf(headers), userAgent: headers.get("user-agent") };
            const { sessionId, user } = await limitedSignIn(deps, login.data, from, "browser");
            return { id: user.id, name: user.name, email: user.email, sessionId };
          } catch (error) {
            const known = anticipated(error);
            if (!known) log.error({ err: error }, "sign-in failed by a mistake of ours");
            // The message becomes a part of an address: it carries the code, never the cause.
            throw new Error(errorForPage(known), { cause: error });
          }
        },
      }),
    ],
    callbacks: {
      async jwt({ token, user }) {
        if (user && "sessionId" in user) return { sub: user.id, sid: user.sessionId };
        // A cookie outlives its session when that is revoked elsewhere: throwing here makes next-auth remove it.
        const actor = await actorOfSession(deps, String(token["sid"]), String(token.sub), "browser");
        return { sub: actor.userId, sid: actor.credentialId, name: actor.name, email: actor.email };
      },
      session: ({ session, token }) => ({
        expires: session.expires,
        user: { id: token.sub ?? null, name: token.name ?? null, email: token.email ?? null },
      }),
      redirect: ({ url }) => withinOurs(settings.publicUrl, url),
    },
    events: {
      async signOut({ token }) {
        await endSession(deps, token);
      },
    },
    logger: {
      error(code, meta) {
        const cause = "error" in meta ? meta.error : meta;
        if (cause instanceof AppError && cause.kind === "unauthenticated") log.debug({ code }, "session has ended");
        else log.error({ err: cause, code }, "sign-in");
      },
      warn: (code) => log.warn({ code }, "sign-in"),
      debug: () => undefined,
    },
  };
}

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Where to go after signing in or out: pages of ours only, whatever was asked for. */
export function withinOurs(publicUrl: string, url: string): string {
  const ours = new URL(publicUrl);
  if (!URL.canParse(url, ours)) return publicUrl;
  const target = new URL(url, ours);
  const sameMachine = LOOPBACK.has(ours.hostname) && LOOPBACK.has(target.hostname) && ours.port === target.port;
  return target.origin === ours.origin || (sameMachine && target.protocol === ours.protocol) ? target.href : publicUrl;
}

async function endSession({ db, clock }: AuthDeps, token: { sub?: string | null; sid?: unknown }): Promise<void> {
  const at = clock.now();
  const id = String(token.sid);
  await db.$transaction(async (tx) => {
    const session = await tx.authSession.findFirst({
      where: { id, userId: token.sub ?? "", revokedAt: null },
      include: { user: { include: { memberships: true } } },
    });
    if (!session) return;
    await tx.authSession.update({ where: { id }, data: { revokedAt: at } });
    const { workspaceId, userId, user } = session;
    const role = user.memberships.find((place) => place.workspaceId === workspaceId)?.role;
    await recordAudit(tx, {
      at,
      actor: role ? { userId, name: user.name, workspaceId, role, via: "session" } : null,
      action: "auth.logout",
      subject: id,
    });
  });
}
