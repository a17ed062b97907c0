import http from "node:http";
import type { AddressInfo } from "node:net";

/**
 * What happens to tool calls on their way; everything else passes.
 * `refuse`: connections are refused. `hang`: no answer, ever; the upstream never hears of it. `500`: answered so.
 * `drip`: the answer comes byte by byte, a comment of the event stream each 20 ms, without an end. `cut`: the upstream
 * executes the call, the connection breaks in the middle of its answer. `garbage`: no JSON.
 */
export type Fault = "none" | "refuse" | "hang" | "500" | "drip" | "cut" | "garbage";

export interface FaultProxy {
  url: string;
  /** Takes effect with the next request; resolves when it does. */
  become(fault: Fault): Promise<void>;
  /** Tool calls that arrived, whatever became of them. */
  calls(): number;
  stop(): Promise<void>;
}

/** Stands before a real upstream and breaks its tool calls. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const upstream = new URL(target);
  let fault: Fault = "none";
  let calls = 0;
  const server = http.createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray().catch(() => []));
    const isCall = body.includes('"tools/call"');
    if (isCall) calls++;
    response.on("error", () => undefined);
    if (!isCall || fault === "none" || fault === "cut")
      return forward(request, response, body, isCall && fault === "cut");
    if (fault === "500")
      return void response.writeHead(500, { "content-type": "text/plain" }).end("stack trace at /srv");
    if (fault === "garbage")
      return void response.writeHead(200, { "content-type": "application/json" }).end("{not json");
    if (fault === "drip") drip(response);
  });

  function forward(request: http.IncomingMessage, response: http.ServerResponse, body: Buffer, cut: boolean): void {
    const { host: _host, "content-length": _length, "transfer-encoding": _coding, ...headers } = request.headers;
    const onward = http.request(
      { host: upstream.hostname, port: upstream.port, path: upstream.pathname, method: request.method, headers },
      (answer) => {
        if (cut) {
          response.writeHead(200, { "content-type": "text/event-stream" });
          response.write('event: message\ndata: {"jsonrpc":');
          answer.resume().on("end", () => response.destroy());
          return;
        }
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    onward.end(body);
  }

  const listen = (port: number) => new Promise<void>((listening) => server.listen(port, "127.0.0.1", listening));
  const close = () =>
    new Promise<void>((done) => {
      if (!server.listening) return done();
      server.close(() => done());
      server.closeAllConnections();
    });
  await listen(0);
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  return {
    url: `http://127.0.0.1:${port}${upstream.pathname}`,
    async become(next) {
      fault = next;
      if (next === "refuse") {
        await close();
        // whoever held a connection sees that it is closed before it sends the next request
        for (let turn = 0; turn < 5; turn++) await new Promise((seen) => setImmediate(seen));
      }
      if (next !== "refuse" && !server.listening) await listen(port);
    },
    calls: () => calls,
    stop: close,
  };
}

function drip(response: http.ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const timer = setInterval(() => response.write(":"), 20);
  response.on("close", () => clearInterval(timer));
}
