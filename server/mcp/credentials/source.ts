import { AppError } from "../../kernel/errors.ts";
import type { UpstreamDefinition } from "../definition.ts";
import type { Viewer } from "../exchange.ts";

/** What an upstream answered to credentials that it does not take: 401, or 403 where a scope is missing. */
export interface Challenge {
  status: 401 | 403;
  /** The header as it came. */
  wwwAuthenticate: string | null;
}

/** How the gateway proves towards an upstream who asks. Nothing of the caller's own credential is ever among it. */
export interface CredentialSource {
  /**
   * Headers that go with each request. `who` null: the gateway itself, to connect and to list. Throws AppError
   * `upstream.auth`: of upstreams where each person consents it has `hints.extra.connect`, the address that starts it;
   * `secret.missing`, `vault.away`.
   */
  headersFor(definition: UpstreamDefinition, who: Viewer | null): Promise<Record<string, string>>;
  /**
   * Learns that the upstream refused `sent`. True: there are better ones now; ask `headersFor` again and repeat the
   * request, once. Throws `upstream.auth` where only a person can help.
   */
  refused(
    definition: UpstreamDefinition,
    who: Viewer | null,
    challenge: Challenge,
    sent: Record<string, string>,
  ): Promise<boolean>;
}

/** What a connection throws for 401 and for 403 with a challenge. Such a request was not carried out. */
export const authRefused = ({ title }: Pick<UpstreamDefinition, "title">, challenge: Challenge): AppError =>
  new AppError(
    "upstream",
    "upstream.auth",
    challenge.status === 401
      ? `The server ${title} does not accept the gateway's credentials`
      : `The server ${title} does not permit this with the credentials in use`,
    { extra: { mayHaveRun: false }, detail: { challenge } },
  );

/** The challenge that `authRefused` carries; undefined for every other error. */
export function challengeOf(error: unknown): Challenge | undefined {
  if (!(error instanceof AppError) || error.code !== "upstream.auth") return undefined;
  return error.hints.detail?.["challenge"] as Challenge | undefined; // put there by authRefused alone
}
