import { EventEmitter } from "node:events";
import http from "node:http";
import path from "node:path";
import type { Registry } from "prom-client";
import { compose } from "./compose.ts";
import { provideContainer } from "./container.ts";
import { actorForPod, actorForRequest, actorForSession } from "./edge/actor.ts";
import { API_MOUNT, canonicalPath, isApiRequest } from "./edge/api-path.ts";
import { createAuthOptions } from "./edge/auth-options.ts";
import { withCors } from "./edge/cors.ts";
import { apiRate } from "./features/accounts/index.ts";
import { clientAddress, PEER_HEADER } from "./edge/request-context.ts";
import { createConnections } from "./edge/connections.ts";
import { createMcp } from "./edge/mcp.ts";
import { createOAuth, type OAuthEndpoint } from "./edge/oauth.ts";
import { createPods } from "./edge/pods.ts";
import { loadStaticAssets } from "./edge/static-assets.ts";
import { createDispatcher } from "./edge/rest/dispatch.ts";
import { allRoutes } from "./edge/rest/routes.ts";
import { createTrpcHandler } from "./edge/trpc/handler.ts";
import type { Deps } from "./features/deps.ts";
import { createMetrics } from "./features/health/metrics.ts";
import { ownToolSource } from "./features/own-tools/index.ts";
import { runPart } from "./kernel/part.ts";
import type { Settings } from "./kernel/settings.ts";

const PROJECT = path.resolve(import.meta.dirname, "..");
const STREAMS_END_MS = 2_000;

function provideApi(deps: Deps, registry: Registry, oauth: OAuthEndpoint, closing: AbortSignal) {
  const { settings } = deps;
  const metrics = createMetrics(deps, registry);
  const actorFor = (request: Request, again?: boolean) => actorForRequest(deps, request, { again });
  const dispatch = createDispatcher({
    deps,
    routes: allRoutes(metrics, { version: settings.version, url: settings.publicUrl }),
    actorFor,
    podActorFor: (request) => actorForPod(deps, request),
    closing,
    limit: apiRate(settings.apiRateLimit),
    observe: metrics.observeRequest,
  });
  provideContainer({
    about: settings,
    authOptions: createAuthOptions(deps),
    rest: (request) =>
      withCors(settings.corsOrigins, request, () => dispatch(request, canonicalPath(new URL(request.url).pathname))),
    trpc: createTrpcHandler({ deps, actorFor, closing }),
    actorForPage: (headers) => actorForSession(deps, headers),
    consent: oauth.consent,
  });
  return metrics;
}

/** Next with our own HTTP server in front: it decides what is API, and later takes the WebSockets. */
async function startNext({ dev, port, host }: Settings) {
  const { default: next } = await import("next");
  // Next listens for upgrades on whatever server it is given and ends those that it does not know.
  const upgrades = new EventEmitter();
  const app = next({
    dev,
    dir: PROJECT,
    port,
    hostname: host,
    httpServer: upgrades as http.Server,
  }); // it only listens
  await app.prepare();
  return { app, upgrades, handle: app.getRequestHandler() };
}

async function startWeb(settings: Settings) {
  process.env["NEXTAUTH_URL"] = settings.publicUrl; // next-auth takes it from nowhere else
  const { deps, metrics, close } = await compose(settings, "web");
  const closing = new AbortController();
  const oauth = createOAuth(deps);
  const connections = createConnections(deps);
  const { observeRequest: observe } = provideApi(deps, metrics, oauth, closing.signal);
  const mcp = createMcp(deps, { ownTools: ownToolSource(deps), closing: closing.signal, observe });
  const { app, upgrades, handle } = await startNext(settings);
  const pods = createPods(deps);
  const assets = settings.dev ? () => false : await loadStaticAssets(path.join(PROJECT, ".next/static"));

  let underWay = 0;
  let quiet: () => void = () => undefined;
  const server = http.createServer((request, response) => {
    underWay++;
    response.once("close", () => --underWay === 0 && quiet());
    if (closing.signal.aborted) response.setHeader("Connection", "close");
    if (assets(request, response) || pods.handle(request, response)) return;
    const forwardedFor = request.headers["x-forwarded-for"];
    request.headers[PEER_HEADER] = clientAddress(
      request.socket.remoteAddress ?? "",
      String(forwardedFor ?? ""),
      settings.trustProxy,
    );
    if (oauth.handle(request, response) || connections.handle(request, response) || mcp.handle(request, response))
      return;
    const url = request.url ?? "/";
    const [pathname = "/"] = url.split("?", 1);
    if (isApiRequest({ method: request.method ?? "GET", path: pathname, headers: request.headers }))
      request.url = `${API_MOUNT}${url}`;
    handle(request, response).catch((err: unknown) => {
      deps.log.error({ err }, "request failed by a mistake of ours");
      response.destroy();
    });
  });
  server.on("upgrade", (request, socket, head) => {
    if (pods.handleUpgrade(request, socket, head)) return;
    if (!settings.dev || !request.url?.startsWith("/_next/") || !upgrades.emit("upgrade", request, socket, head))
      socket.destroy();
  });
  await new Promise<void>((listening, failed) => {
    server.once("error", failed);
    server.listen(settings.port, settings.host, listening);
  });
  server.on("error", (err) => {
    deps.log.fatal({ err }, "the web server failed");
    process.exit(1);
  });

  return {
    info: { url: settings.publicUrl },
    async stop() {
      // From now on the API answers 503 with `Retry-After`, and its event streams end: they come back by themselves, to
      // the next process. Subscriptions of pages are cut, for an end would tell them that nothing more will come.
      closing.abort();
      pods.close();
      await new Promise<void>((done) => {
        quiet = done;
        setTimeout(done, STREAMS_END_MS);
        if (underWay === 0) done();
      });
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
      await mcp.close(); // not before: it gives up the calls that are under way in sessions
      await app.close();
      await close();
    },
  };
}

runPart(startWeb);
