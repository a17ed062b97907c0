import { z } from "zod";
import { AppError } from "../../kernel/errors.ts";
import type { InfisicalSettings } from "../../kernel/settings.ts";

const Login = z.object({ accessToken: z.string().min(1), expiresIn: z.number().positive() });
/** A token is renewed when this much of its life is left, at most. */
const RENEW_BEFORE_MS = 60_000;
const TIMEOUT_MS = 5_000;

export interface InfisicalAnswer {
  status: number;
  body: unknown;
}

/**
 * Speaks Infisical's HTTP API as a machine identity (universal auth). The token is fetched once for all who wait for it,
 * renewed before it expires, and once more when it is refused. Throws `vault.away` where Infisical cannot be reached or
 * fails; its messages, which may repeat what was sent, go nowhere.
 */
export function createInfisicalClient({ url, clientId, clientSecret }: InfisicalSettings, now: () => number) {
  let token: { text: string; until: number } | undefined;
  let renewing: Promise<string> | undefined;

  const send = async (method: string, path: string, body?: unknown, bearer?: string): Promise<InfisicalAnswer> => {
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${url}${path}`, {
        method,
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          Accept: "application/json",
          ...(bearer && { Authorization: `Bearer ${bearer}` }),
          ...(body !== undefined && { "Content-Type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      text = await response.text();
    } catch (cause) {
      throw away("cannot be reached", cause);
    }
    if (response.status >= 500 || response.status === 429) throw away(`answers ${response.status}`);
    try {
      return { status: response.status, body: text ? JSON.parse(text) : null };
    } catch (cause) {
      throw away("does not answer JSON", cause);
    }
  };

  const logIn = async (): Promise<string> => {
    const { status, body } = await send("POST", "/api/v1/auth/universal-auth/login", { clientId, clientSecret });
    const parsed = Login.safeParse(body);
    if (status !== 200 || !parsed.success)
      throw away(`does not accept INFISICAL_CLIENT_ID and INFISICAL_CLIENT_SECRET (${status})`);
    const lifeMs = parsed.data.expiresIn * 1_000;
    token = { text: parsed.data.accessToken, until: now() + lifeMs - Math.min(RENEW_BEFORE_MS, lifeMs / 5) };
    return token.text;
  };
  const bearer = async (): Promise<string> => {
    if (token && token.until > now()) return token.text;
    return (renewing ??= logIn().finally(() => (renewing = undefined)));
  };

  return async function call(method: string, path: string, body?: unknown): Promise<InfisicalAnswer> {
    const used = await bearer();
    const answer = await send(method, path, body, used);
    if (answer.status !== 401) return answer;
    if (token?.text === used) token = undefined; // revoked before its time
    const again = await send(method, path, body, await bearer());
    if (again.status === 401) throw away("refuses its own token");
    return again;
  };
}

export const away = (what: string, cause?: unknown) =>
  new AppError("unavailable", "vault.away", `The store of secrets (Infisical) ${what}`, {
    retryAfter: 5,
    ...(cause !== undefined && { cause }),
  });
