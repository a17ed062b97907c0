import type { Actor } from "../../kernel/actor.ts";
import { missing } from "../../kernel/errors.ts";
import type { Deps } from "../deps.ts";
import { recordAudit } from "../audit/index.ts";
import { connectable } from "./find-definition.ts";

type Needs = Pick<Deps, "settings" | "db" | "live" | "log" | "clock" | "credentials">;
export const CONNECTIONS_PAGE = "/settings/connections";

/** A path of ours and nothing else: whoever made the link must not decide where people end. */
export const ownPath = (text: string | null): string =>
  text !== null && /^\/(?![/\\])[^\\\p{Cc}]{0,500}$/u.test(text) ? text : CONNECTIONS_PAGE;

/**
 * Where to send the person's browser to consent that the gateway uses an upstream in their name. Throws `missing`
 * (`upstream.missing`; also where it is not of this kind), `upstream.auth`.
 */
export async function startConnection(
  deps: Needs,
  actor: Actor,
  upstream: string,
  returnTo: string | null,
): Promise<URL> {
  const definition = (await connectable(deps, actor)).find(({ name }) => name === upstream);
  if (!definition) throw missing("MCP server", "upstream.missing");
  return deps.credentials.authorization.start(definition, actor, { returnTo: ownPath(returnTo) });
}

/** The person's browser came back from the issuer. Answers where it goes on to. Throws what `finish` throws. */
export async function finishConnection(deps: Needs, actor: Actor, answer: URLSearchParams): Promise<string> {
  const find = async (id: string) => (await connectable(deps, actor)).find((definition) => definition.id === id);
  const { returnTo } = await deps.credentials.authorization.finish(answer, actor, find, (tx, { name }, issuer) =>
    recordAudit(tx, { at: deps.clock.now(), actor, action: "connection.create", subject: name, detail: { issuer } }),
  );
  return returnTo;
}
