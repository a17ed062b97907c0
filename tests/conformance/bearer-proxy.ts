import http from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Adds a bearer token to every request that has none and passes everything else on as it is, `Host` and `Origin`
 * included: the suite has no option for credentials. Requests to `/` + anything go to the same path of the target.
 */
export async function startBearerProxy(target: URL, token: string): Promise<{ url: string; stop(): Promise<void> }> {
  const server = http.createServer((request, response) => {
    const headers = [...request.rawHeaders];
    if (request.headers.authorization === undefined) headers.push("Authorization", `Bearer ${token}`);
    const onward = http.request(
      { host: target.hostname, port: target.port, method: request.method, path: request.url, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  return {
    url: `http://127.0.0.1:${port}${target.pathname}`,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
