import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { credentialSecretOf, matchEndpoint, runEndpoint } from "../features/flows/index.ts";
import type { Deps } from "../features/deps.ts";
import type { Actor } from "../kernel/actor.ts";
import { anticipated } from "../kernel/errors.ts";
import { openEditorContent } from "../pods/editor-content.ts";
import { createPodProxy, HTTP_PATH, type PodProxy } from "../pods/proxy.ts";
import { createSeatPods } from "../pods/seat-pods.ts";
import { createEditorServer } from "../pods/serve-editor.ts";
import { createPodTokens } from "../pods/tokens.ts";
import { podVersion } from "../pods/version.ts";
import { actorForRequest } from "./actor.ts";
import { clientAddress, requestIdOf } from "./request-context.ts";
import { problemResponse } from "./rest/problem.ts";
import { isSameOrigin } from "./session-cookie.ts";

/** A request's headers as the credentials are read from them. */
export function headersOf({ headers }: IncomingMessage): Headers {
  const kept = new Headers();
  for (const [name, value] of Object.entries(headers)) for (const one of [value ?? []].flat()) kept.append(name, one);
  return kept;
}

async function send(answer: Response, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const headers: Record<string, string | string[]> = Object.fromEntries(answer.headers);
  const cookies = answer.headers.getSetCookie();
  if (cookies.length > 0) headers["set-cookie"] = cookies;
  response.writeHead(answer.status, headers);
  response.end(request.method === "HEAD" ? undefined : Buffer.from(await answer.arrayBuffer()));
}

/** The editor and the HTTP nodes of pods, in front of Next: bodies and headers reach them as they came. */
export function createPods(deps: Deps): PodProxy {
  const { settings, log } = deps;
  const version = podVersion(settings.version);
  const tokens = createPodTokens(settings.jwtSecret);
  const pods = createSeatPods({
    deps,
    tokens,
    version,
    credentialSecret: (seat) => credentialSecretOf(settings, seat),
  });
  const actorFor = (request: IncomingMessage, again: boolean): Promise<Actor> =>
    actorForRequest(deps, { headers: headersOf(request), method: request.method ?? "GET" }, { again });

  return createPodProxy({
    pods,
    editor: createEditorServer(openEditorContent(settings.dataDir, version)),
    publicUrl: settings.publicUrl,
    log,
    actorFor,
    // Browsers name the page that opens a socket; programs are no page.
    fromOurPages: (request) => request.headers.origin === undefined || isSameOrigin(settings, headersOf(request)),
    async engine(request, response, actor) {
      const { method = "GET", url = "/" } = request;
      const rest = url.slice(HTTP_PATH.length);
      const below = rest.startsWith("/") ? rest : `/${rest}`;
      const [path = "/"] = below.split("?", 1);
      const match = await matchEndpoint(deps, actor.workspaceId, method, path, actor.userId);
      if (!match) return false;
      const headers = headersOf(request);
      const init: RequestInit = { method, headers };
      // fetch's types do not know `duplex`, which a streamed body needs
      if (method !== "GET" && method !== "HEAD") Object.assign(init, { body: Readable.toWeb(request), duplex: "half" });
      const asked = new Request(`${settings.publicUrl}${url}`, init);
      const answer = await runEndpoint(deps, actor, match, asked, { url: below, requestId: requestIdOf(headers) });
      await send(answer, request, response);
      return true;
    },
    fail(request, response, error) {
      const requestId = requestIdOf(headersOf(request));
      const known = anticipated(error);
      if (!known || known.kind === "bug") log.error({ err: error, requestId }, "request failed by a mistake of ours");
      else if (known.kind === "unavailable") log.warn({ err: error, requestId }, "request failed");
      void send(problemResponse(error, requestId), request, response);
    },
    signInPath: (path) => `/sign-in?next=${encodeURIComponent(path)}`,
    peerOf: (request) =>
      clientAddress(
        request.socket.remoteAddress ?? "",
        String(request.headers["x-forwarded-for"] ?? ""),
        settings.trustProxy,
      ),
  });
}
