import http from "node:http";

/** What the cases that use the network talk to: the same answers for both. */
export async function startWebServer(): Promise<{ url: string; close(): Promise<void> }> {
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      const status = /^\/status\/(\d+)$/.exec(url.pathname);
      response.setHeader("x-test", "here");
      if (status) {
        response.statusCode = Number(status[1]);
        response.end(`status ${status[1]}`);
        return;
      }
      response.setHeader("content-type", "application/json");
      const told = {
        method: request.method,
        query: Object.fromEntries(url.searchParams),
        body,
        mine: request.headers["x-mine"],
        type: request.headers["content-type"],
      };
      response.end(JSON.stringify(told));
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (!address || typeof address === "string") throw new Error("no address");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}
