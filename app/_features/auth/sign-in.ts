/**
 * next-auth's HTTP protocol, spoken directly: its own browser client leaves the page when the network is away, where
 * the form should say so and keep what was typed.
 */
const BASE = "/api/auth";

async function csrfToken(): Promise<string> {
  const response = await fetch(`${BASE}/csrf`, { headers: { Accept: "application/json" } });
  const body = (await response.json()) as { csrfToken?: unknown }; // next-auth's answer
  if (typeof body.csrfToken !== "string") throw new SignInFailure("unreachable");
  return body.csrfToken;
}

async function post(path: string, fields: Record<string, string>): Promise<{ ok: boolean; url: string }> {
  const response = await fetch(`${BASE}/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json" },
    body: new URLSearchParams({ ...fields, csrfToken: await csrfToken(), json: "true" }),
  });
  const body = (await response.json()) as { url?: unknown }; // next-auth's answer
  return { ok: response.ok, url: typeof body.url === "string" ? body.url : "/" };
}

/** `code`: as `errorForPage` of the server writes it, without what follows the colon; `unreachable`: no answer. */
export class SignInFailure extends Error {
  override readonly name = "SignInFailure";
  readonly code: string;
  readonly detail: string;
  constructor(said: string) {
    super(said);
    const colon = said.indexOf(":");
    this.code = colon < 0 ? said : said.slice(0, colon);
    this.detail = colon < 0 ? "" : said.slice(colon + 1);
  }
}

/** Signs in; the cookie is set when it resolves. Throws `SignInFailure`. */
export async function signIn(email: string, password: string): Promise<void> {
  let answer: { ok: boolean; url: string };
  try {
    answer = await post("callback/credentials", { email, password, callbackUrl: location.origin });
  } catch {
    throw new SignInFailure("unreachable");
  }
  const error = new URL(answer.url, location.origin).searchParams.get("error");
  if (error !== null || !answer.ok) throw new SignInFailure(error || "bug");
}

/** Ends the sign-in on the server and forgets its cookie. Rejects when the server did not answer. */
export async function signOut(): Promise<void> {
  await post("signout", { callbackUrl: location.origin });
}
