import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { ASK_AGAIN_MS, authorise, isStill, type Actor } from "../kernel/actor.ts";
import { AppError } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import { forward, forwardUpgrade } from "./forward.ts";
import { EDITOR_PATH } from "./editor-content.ts";
import { progressPage } from "./progress-page.ts";
import type { SeatPodAt, SeatPods } from "./seat-pods.ts";
import type { EditorServer } from "./serve-editor.ts";

export const HTTP_PATH = "/flows/http";
const MINE = /^\/flows\/(editor|http)(\/|$)/;

export interface ProxyOptions {
  pods: SeatPods;
  editor: EditorServer;
  publicUrl: string;
  log: Log;
  /** Throws AppError where there is no credential, or none that holds. */
  actorFor(request: IncomingMessage, again: boolean): Promise<Actor>;
  /** Whether a page of ours sent it, or a program that is no page's. */
  fromOurPages(request: IncomingMessage): boolean;
  /** Answers in place of a pod where the engine serves the path; false: it does not. */
  engine(request: IncomingMessage, response: ServerResponse, actor: Actor): Promise<boolean>;
  /** Renders a failure. */
  fail(request: IncomingMessage, response: ServerResponse, error: unknown): void;
  /** Where people sign in and come back to `path`. */
  signInPath(path: string): string;
  peerOf(request: IncomingMessage): string;
}

/** A page that is quickly there is not preceded by another one. */
const PAGE_WAIT_MS = 700;
const PROGRAM_WAIT_MS = 30_000;

/**
 * Scripts of a flow's own pages get an origin of their own (CSP `sandbox`): they are not the gateway's, and the person
 * who looks at them is signed in there.
 */
const FLOW_PAGE = {
  "Content-Security-Policy": "sandbox allow-scripts allow-forms allow-popups allow-modals allow-downloads",
};
/** What a pod answers to the editor is data, whatever it says. */
const EDITOR_DATA = {
  "X-Content-Type-Options": "nosniff",
  "Content-Security-Policy": "sandbox; default-src 'none'",
  "Cache-Control": "no-store",
};
const DATA_TYPES = /^(application\/json|text\/plain)\b/i;

const isNavigation = ({ method, headers }: IncomingMessage) =>
  (method === "GET" || method === "HEAD") &&
  String(headers.accept ?? "").includes("text/html") &&
  headers["x-requested-with"] === undefined;

/** `/flows/editor/*` and `/flows/http/*`: recognises the person, finds the seat's pod, and passes on what it may have. */
export function createPodProxy(options: ProxyOptions) {
  const { pods, editor, publicUrl, log } = options;
  const sockets = new Set<{ actor: Actor; podId: string; socket: Duplex; request: IncomingMessage }>();

  const unwatch = pods.watch(({ podId, state }) => {
    if (state !== "terminated" && state !== "failed" && state !== "draining") return;
    for (const open of sockets) if (open.podId === podId) open.socket.destroy();
  });
  // A sign-out, a lost role: what lasts ends as soon as all other streams do.
  const asking = setInterval(() => {
    for (const { actor, socket, request } of sockets)
      void isStill(actor, "editor.use", () => options.actorFor(request, true)).then(
        (still) => !still && socket.destroy(),
      );
  }, ASK_AGAIN_MS);

  async function toPod(
    request: IncomingMessage,
    response: ServerResponse,
    actor: Actor,
    pod: SeatPodAt,
    extra: OutgoingHttpHeaders,
    dataOnly: boolean,
  ) {
    await pods.assigned(pod, actor);
    const target = { address: pod.address, token: pods.tokens.use(pod.id, actor), peer: options.peerOf(request) };
    pods.touch(pod.id).catch((err: unknown) => log.debug({ err }, "activity of a pod is not noted"));
    try {
      await forward(request, response, target, {
        publicUrl,
        extra,
        ...(dataOnly
          ? {
              override: (headers) =>
                !DATA_TYPES.test(String(headers["content-type"] ?? "text/plain")) &&
                (headers["content-type"] = "application/octet-stream"),
            }
          : {}),
      });
    } catch (cause) {
      pods.forget(actor);
      if (response.headersSent) return void response.destroy();
      throw new AppError(
        "unavailable",
        "pod.unreachable",
        "The editor's process does not answer; another one is started",
        { retryAfter: 2, cause },
      );
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> {
    const actor = await options.actorFor(request, false);
    if (pathname.startsWith(HTTP_PATH)) {
      if (await options.engine(request, response, actor)) return;
      authorise(actor, "editor.use");
    } else {
      authorise(actor, "editor.use");
      if (pathname === EDITOR_PATH) return void response.writeHead(301, { Location: `${EDITOR_PATH}/` }).end();
    }
    const page = isNavigation(request) && (pathname === `${EDITOR_PATH}/` || pathname.startsWith(HTTP_PATH));
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const found = await pods.open(actor, page ? PAGE_WAIT_MS : PROGRAM_WAIT_MS, gone.signal);
    if ("address" in found && "id" in found) {
      if (pathname.startsWith(HTTP_PATH)) return toPod(request, response, actor, found, FLOW_PAGE, false);
      if (await editor.page(request, response, actor.name)) return;
      // without the editor's own pages, which come soon, nobody is given those of a pod
      if (page) return showProgress(request, response, { state: "starting", podId: found.id });
      return toPod(request, response, actor, found, EDITOR_DATA, true);
    }
    const queued = "state" in found && found.state === "queued";
    if (!page)
      throw new AppError(
        "unavailable",
        queued ? "pod.queued" : "pod.starting",
        queued
          ? "Many people want an editor at the moment; try again in a while"
          : "The editor is being started; try again in a few seconds",
        {
          retryAfter: queued ? 10 : 2,
          ...(found.state === "queued" ? { extra: { place: found.place } } : {}),
        },
      );
    showProgress(request, response, found);
  }

  function showProgress(
    request: IncomingMessage,
    response: ServerResponse,
    claim: Parameters<typeof progressPage>[0],
  ): void {
    const html = progressPage(claim, request.headers["accept-language"]);
    response.writeHead(503, {
      "Content-Type": "text/html; charset=utf-8",
      "Cache-Control": "no-store",
      "Retry-After": "1",
      "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
    });
    response.end(html);
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const actor = await options.actorFor(request, false);
    authorise(actor, "editor.use");
    // A socket that comes back after its pod was taken starts none: the page that a person opens does.
    const pod = await pods.find(actor);
    if (!pod) throw new AppError("unavailable", "pod.none", "There is no editor open");
    await pods.assigned(pod, actor);
    const open = { actor, podId: pod.id, socket, request };
    sockets.add(open);
    socket.once("close", () => sockets.delete(open));
    const target = { address: pod.address, token: pods.tokens.use(pod.id, actor), peer: options.peerOf(request) };
    if (!(await forwardUpgrade(request, socket, head, target, publicUrl))) pods.forget(actor);
    socket.on("data", () => void pods.touch(pod.id).catch(() => undefined));
  }

  return {
    /** Answers what is ours to answer; false: the request is untouched. */
    handle(request: IncomingMessage, response: ServerResponse): boolean {
      const [pathname = "/"] = (request.url ?? "/").split("?", 1);
      if (!MINE.test(pathname)) return false;
      const file = request.method === "GET" || request.method === "HEAD" ? editor.file(pathname) : null;
      const work = file ? file(request, response) : answer(request, response, pathname);
      work.catch((error: unknown) => {
        if (response.headersSent || response.destroyed) return void response.destroy();
        const signedOut = error instanceof AppError && error.kind === "unauthenticated";
        if (signedOut && isNavigation(request))
          response
            .writeHead(302, { Location: options.signInPath(request.url ?? "/"), "Cache-Control": "no-store" })
            .end();
        else options.fail(request, response, error);
      });
      return true;
    },
    /** The same for an upgrade to WebSocket. */
    handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
      const [pathname = "/"] = (request.url ?? "/").split("?", 1);
      if (!MINE.test(pathname)) return false;
      socket.on("error", () => socket.destroy());
      const refuse = (status: string) =>
        socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      if (!options.fromOurPages(request)) refuse("403 Forbidden");
      else
        upgrade(request, socket, head).catch((error: unknown) => {
          if (error instanceof AppError && error.kind === "unauthenticated") refuse("401 Unauthorized");
          else if (error instanceof AppError && error.kind === "forbidden") refuse("403 Forbidden");
          else refuse("503 Service Unavailable");
        });
      return true;
    },
    close() {
      clearInterval(asking);
      unwatch();
      for (const { socket } of sockets) socket.destroy();
      pods.close();
    },
  };
}
export type PodProxy = ReturnType<typeof createPodProxy>;
