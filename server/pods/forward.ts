import http, {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from "node:http";
import type { Duplex } from "node:stream";
import { POD_TOKEN_HEADER } from "./tokens.ts";

/** Of one connection only (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** The person's credentials are the gateway's business, and nobody but it names the caller or signs for a pod. */
const NOT_FOR_PODS = new Set([
  "cookie",
  "authorization",
  "x-api-key",
  "x-osf-peer",
  POD_TOKEN_HEADER,
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-nr-pod-secret",
]);
/** What a flow's answer may not set on the gateway's own origin. */
const NOT_FROM_PODS = new Set([
  "set-cookie",
  "clear-site-data",
  "service-worker-allowed",
  "strict-transport-security",
  "access-control-allow-credentials",
  "alt-svc",
  "refresh",
]);

export interface Target {
  /** host:port */
  address: string;
  token: string;
  /** Address of who asks. */
  peer: string;
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 256, timeout: 120_000 });
const CONNECT_AGAIN_MS = 150;

export function headersForPod(
  headers: IncomingHttpHeaders,
  { token, peer }: Target,
  publicUrl: string,
): OutgoingHttpHeaders {
  const named = new Set(
    String(headers.connection ?? "")
      .toLowerCase()
      .split(",")
      .map((name) => name.trim()),
  );
  const kept: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers))
    if (!HOP_BY_HOP.has(name) && !NOT_FOR_PODS.has(name) && !named.has(name)) kept[name] = value;
  kept[POD_TOKEN_HEADER] = token;
  kept["x-forwarded-for"] = peer;
  kept["x-forwarded-host"] = headers.host;
  kept["x-forwarded-proto"] = new URL(publicUrl).protocol.slice(0, -1);
  return kept;
}

function headersFromPod(headers: IncomingHttpHeaders, extra: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const kept: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers))
    if (!HOP_BY_HOP.has(name) && !NOT_FROM_PODS.has(name)) kept[name] = value;
  for (const [name, value] of Object.entries(extra)) {
    const own = kept[name.toLowerCase()];
    // Policies add up: a second one cannot loosen the first.
    kept[name.toLowerCase()] =
      name.toLowerCase() === "content-security-policy" && own ? [String(own), String(value)] : value;
  }
  return kept;
}

/**
 * Passes a request to a pod and its answer back. A connection that could not be made is tried once more; nothing of
 * the body is sent before there is one. Resolves when the answer is over; rejects, with nothing answered yet, when the
 * pod cannot be reached.
 */
export async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
  {
    publicUrl,
    extra,
    override,
  }: { publicUrl: string; extra: OutgoingHttpHeaders; override?: (headers: OutgoingHttpHeaders) => void },
): Promise<void> {
  const headers = headersForPod(request.headers, target, publicUrl);
  for (let attempt = 1; ; attempt++) {
    try {
      return await passOn(request, response, target, headers, (answer) => {
        const out = headersFromPod(answer, extra);
        override?.(out);
        return out;
      });
    } catch (error) {
      if (attempt === 2 || response.headersSent || !(error as { unsent?: boolean }).unsent || request.destroyed)
        throw error;
      await new Promise((again) => setTimeout(again, CONNECT_AGAIN_MS));
    }
  }
}

function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  { address }: Target,
  headers: OutgoingHttpHeaders,
  answerHeaders: (headers: IncomingHttpHeaders) => OutgoingHttpHeaders,
): Promise<void> {
  const [host = "", port = ""] = splitAddress(address);
  return new Promise((resolve, reject) => {
    let sent = false;
    const upstream = http.request({ host, port, method: request.method, path: request.url, headers, agent });
    const gone = () => upstream.destroy();
    response.once("close", gone);
    const fail = (error: Error) => {
      response.removeListener("close", gone);
      // A kept connection that the pod closed meanwhile counts as not made, as long as no body went over it.
      const bodiless = request.method === "GET" || request.method === "HEAD";
      reject(Object.assign(error, { unsent: !sent || (upstream.reusedSocket && bodiless) }));
    };
    upstream.once("error", fail);
    upstream.once("socket", (socket) => {
      const begin = () => {
        sent = true;
        request.pipe(upstream);
      };
      if (socket.connecting) socket.once("connect", begin);
      else begin();
    });
    upstream.once("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answerHeaders(answer.headers));
      response.flushHeaders();
      answer.pipe(response);
      answer.once("error", () => response.destroy());
      response.once("close", resolve);
    });
  });
}

/**
 * Passes an upgrade to a pod. Resolves with the two sockets once it switched; otherwise the caller's socket is ended
 * with the pod's refusal or 502, and null is answered.
 */
export function forwardUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  target: Target,
  publicUrl: string,
): Promise<Duplex | null> {
  const [host = "", port = ""] = splitAddress(target.address);
  const headers = { ...headersForPod(request.headers, target, publicUrl), connection: "Upgrade", upgrade: "websocket" };
  return new Promise((resolve) => {
    const upstream = http.request({ host, port, path: request.url, headers });
    const refuse = (status: number, text: string) => {
      socket.end(`HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      resolve(null);
    };
    socket.once("close", () => upstream.destroy());
    upstream.once("error", () => refuse(502, "Bad Gateway"));
    upstream.once("response", (answer) => {
      answer.resume();
      refuse(answer.statusCode ?? 502, answer.statusMessage ?? "");
    });
    upstream.once("upgrade", (answer, pod, podHead) => {
      const lines = Object.entries(headersFromPod(answer.headers, {})).map(
        ([name, value]) => `${name}: ${String(value)}`,
      );
      socket.write(
        ["HTTP/1.1 101 Switching Protocols", "connection: Upgrade", "upgrade: websocket", ...lines, "", ""].join(
          "\r\n",
        ),
      );
      if (podHead.length > 0) socket.write(podHead);
      if (head.length > 0) pod.write(head);
      pod.on("error", () => socket.destroy());
      pod.once("close", () => socket.destroy());
      socket.once("close", () => pod.destroy());
      pod.pipe(socket);
      socket.pipe(pod);
      resolve(pod);
    });
    upstream.end();
  });
}

function splitAddress(address: string): [string, string] {
  const { hostname, port } = new URL(`http://${address}`);
  return [hostname.replace(/^\[|\]$/g, ""), port];
}
