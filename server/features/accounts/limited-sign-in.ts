import type { Deps } from "../deps.ts";
import { refuseLocked } from "./lockout.ts";
import { holdRate } from "./rate-limit.ts";
import type { Login, Session } from "./schema.ts";
import type { From } from "./sessions.ts";
import { signIn, type SignIn } from "./sign-in.ts";

/**
 * `signIn` within the limits of its address and its e-mail address. A locked e-mail address is told so (423) before
 * its rate is counted: the sixth try in a minute learns until when, not only that it was too quick.
 */
export async function limitedSignIn(
  deps: Pick<Deps, "db" | "sql" | "clock">,
  login: Login,
  from: From,
  kind: Session["kind"],
): Promise<SignIn> {
  await holdRate(deps, "login-ip", from.ip);
  await refuseLocked(deps, login.email);
  await holdRate(deps, "login-email", login.email);
  return signIn(deps, login, from, kind);
}
