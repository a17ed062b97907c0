import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { actorForPod, actorForRequest } from "#server/edge/actor.ts";
import { createPods, headersOf } from "#server/edge/pods.ts";
import { createDispatcher } from "#server/edge/rest/dispatch.ts";
import { allRoutes } from "#server/edge/rest/routes.ts";
import { createApiKey } from "#server/features/accounts/index.ts";
import type { Deps } from "#server/features/deps.ts";
import { createMetrics } from "#server/features/health/metrics.ts";
import type { Actor } from "#server/kernel/actor.ts";
import type { Settings } from "#server/kernel/settings.ts";
import { createController, type Controller } from "#server/pods/controller.ts";
import type { PodDriver } from "#server/pods/driver.ts";
import { openLocalDriver } from "#server/pods/local/local-driver.ts";
import { createPodTokens } from "#server/pods/tokens.ts";
import { podVersion } from "#server/pods/version.ts";
import type { World } from "./world.ts";

/** What serves pods in the product, without the pages: HTTP API, proxy, controller, real pods of this machine. */
export interface PodGateway {
  deps: Deps;
  url: string;
  dataDir: string;
  version: string;
  driver: PodDriver;
  controller: Controller;
  /** Headers of somebody who may use an editor. */
  headersFor(actor: Actor): Promise<Record<string, string>>;
  close(): Promise<void>;
}

export async function startPodGateway(world: World, pods: Partial<Settings["pods"]> = {}): Promise<PodGateway> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), `osf-test-${process.pid}-pods-`));
  const server = http.createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const settings: Settings = {
    ...world.deps.settings,
    port,
    publicUrl: `http://127.0.0.1:${port}`,
    dataDir,
    pods: { driver: "local", warm: 0, limit: 5, idleMinutes: 20, ...pods },
  };
  const deps = { ...world.deps, settings };
  const dispatch = createDispatcher({
    deps,
    routes: allRoutes(createMetrics(deps), { version: "0", url: settings.publicUrl }),
    actorFor: (request, again) => actorForRequest(deps, request, { again }),
    podActorFor: (request) => actorForPod(deps, request),
    limit: async () => ({}),
    observe: () => undefined,
  });
  const proxy = createPods(deps);
  server.on("request", (request, response) => {
    if (proxy.handle(request, response)) return;
    void answer(dispatch, request, response, settings.publicUrl);
  });
  server.on("upgrade", (request, socket, head) => {
    if (!proxy.handleUpgrade(request, socket, head)) socket.destroy();
  });
  const version = podVersion(settings.version);
  const tokens = createPodTokens(settings.jwtSecret);
  const driver = await openLocalDriver({ dataDir, launcherPid: process.pid, version, tokens, log: deps.log });
  const controller = createController(deps, driver, version);
  controller.start();
  return {
    deps,
    url: settings.publicUrl,
    dataDir,
    version,
    driver,
    controller,
    async headersFor(actor) {
      return { "X-API-Key": (await createApiKey(deps, actor, { name: "editor", scopes: [] })).key };
    },
    async close() {
      await controller.stop();
      proxy.close();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function answer(
  dispatch: ReturnType<typeof createDispatcher>,
  request: http.IncomingMessage,
  response: http.ServerResponse,
  origin: string,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // a request without an encoding gives buffers
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const { method = "GET", url = "/" } = request;
  const asked = new Request(origin + url, {
    method,
    headers: headersOf(request),
    signal: gone.signal,
    ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
  });
  const answered = await dispatch(asked, url.split("?")[0] ?? url);
  response.writeHead(answered.status, Object.fromEntries(answered.headers));
  response.end(Buffer.from(await answered.arrayBuffer()));
}
