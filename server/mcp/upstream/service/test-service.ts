import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it arrived at the service. */
export interface Arrived {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
}

interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Never answers. */
  hang?: true;
}

export interface TestService {
  url: string;
  port: number;
  arrived: Arrived[];
  stop(): Promise<void>;
}

/** A plain HTTP service: `answer` says what each request gets, an object as JSON. */
export async function startService(answer: (request: Arrived) => Answer | object): Promise<TestService> {
  const arrived: Arrived[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer); // a stream without encoding
    const one = {
      method: request.method ?? "",
      url: request.url ?? "",
      headers: request.headers,
      body: Buffer.concat(parts).toString("latin1"),
    };
    arrived.push(one);
    const given = answer(one);
    const {
      status = 200,
      headers = {},
      body,
      hang,
    }: Answer = "body" in given || "status" in given || "hang" in given ? given : { body: JSON.stringify(given) };
    if (hang) return;
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    arrived,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
