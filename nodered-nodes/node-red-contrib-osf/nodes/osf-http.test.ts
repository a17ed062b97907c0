import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { host } from "../test/runtime.ts";
import { refusal, scriptedOsf } from "../test/scripted-osf.ts";

interface Got {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
}
type Answer = (response: ServerResponse, request: Got, n: number) => void;

/** A real server; `got` are the requests that arrived. */
async function upstream(answer: Answer) {
  const got: Got[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set
    const { method = "", url = "", headers } = request;
    const one = { method, url, headers, body: Buffer.concat(chunks).toString() };
    got.push(one);
    answer(response, one, got.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got }; // it listens on a port
}
const json = (response: ServerResponse, value: unknown, status = 200) =>
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));

it("fills the address, puts values in safely, and parses what comes back", async () => {
  const { url, got } = await upstream((response) => json(response, { stock: 4 }));
  const { give } = await host(scriptedOsf({}), {
    type: "osf-http",
    url: `{{{base}}}/items/{{payload.sku}}?q={{missing}}`,
    headers: [
      { name: "X-Shift", value: "shift", type: "msg" },
      { name: "X-None", value: "nothing", type: "msg" },
    ],
  });
  const { out, statuses } = await give({
    base: url,
    payload: { sku: "A/1 ?" },
    shift: "early",
    headers: { cookie: "c" },
  });
  expect(got[0]).toMatchObject({
    method: "GET",
    url: "/items/A%2F1%20%3F?q=",
    headers: { "x-shift": "early" },
    body: "",
  });
  expect(got[0]?.headers).not.toHaveProperty("x-none");
  expect(got[0]?.headers).not.toHaveProperty("cookie");
  expect(out[0]).toMatchObject([
    {
      payload: { stock: 4 },
      statusCode: 200,
      headers: { "content-type": "application/json" },
      responseUrl: `${url}/items/A%2F1%20%3F?q=`,
      shift: "early",
      http: { method: "GET", attempts: 1 },
    },
  ]);
  expect(statuses.map(({ text }) => text)).toEqual(["requesting", "200"]);
});

it.each([
  ["json", { a: [1] }, "application/json", '{"a":[1]}'],
  ["text", { a: 1 }, "text/plain; charset=utf-8", '{"a":1}'],
  ["form", { a: "1 2", b: { c: 3 } }, "application/x-www-form-urlencoded", "a=1+2&b=%7B%22c%22%3A3%7D"],
  ["none", { a: 1 }, undefined, ""],
])("sends a body as %s", async (body, payload, type, text) => {
  const { url, got } = await upstream((response) => response.end());
  await (await host(scriptedOsf({}), { type: "osf-http", method: "POST", url, body })).give({ payload });
  expect([got[0]?.method, got[0]?.headers["content-type"], got[0]?.body]).toEqual(["POST", type, text]);
});

it.each([
  ["auto", "application/problem+json", '{"a":1}', { a: 1 }],
  ["auto", "text/csv", "a;b", "a;b"],
  ["auto", "image/png", "\u0001", Buffer.from("\u0001")],
  ["text", "application/json", '{"a":1}', '{"a":1}'],
  ["binary", "text/plain", "x", Buffer.from("x")],
  ["json", "text/plain", "[1]", [1]],
])("reads an answer as %s of %s", async (parse, type, body, payload) => {
  const { url } = await upstream((response) => response.writeHead(200, { "content-type": type }).end(body));
  const { out } = await (await host(scriptedOsf({}), { type: "osf-http", url, parse })).give({ payload: 0 });
  expect(out[0]?.[0]?.payload).toEqual(payload);
});

describe("credentials", () => {
  it.each([
    ["bearer", { token: "t0ken" }, "authorization", "Bearer t0ken"],
    ["basic", { user: "ana", password: "pä" }, "authorization", `Basic ${Buffer.from("ana:pä").toString("base64")}`],
    ["api-key", { apiKey: "k3y" }, "x-api-key", "k3y"],
  ])("%s goes into its header", async (auth, credentials, header, value) => {
    const { url, got } = await upstream((response) => response.end("ok"));
    await (await host(scriptedOsf({}), { type: "osf-http", url, auth }, { credentials })).give({ payload: 0 });
    expect(got[0]?.headers[header]).toBe(value);
  });

  it("are dropped when a redirect leaves the host, and only then", async () => {
    const other = await upstream((response) => response.end("there"));
    const { url, got } = await upstream((response, { url: path }) =>
      response.writeHead(302, { location: path === "/" ? "/near" : `${other.url}/far` }).end(),
    );
    const config = { type: "osf-http", url: `${url}/`, auth: "api-key", keyName: "X-Plant" };
    const { out } = await (
      await host(scriptedOsf({}), config, { credentials: { apiKey: "k3y" } })
    ).give({ payload: 0 });
    expect(got.map(({ headers }) => headers["x-plant"])).toEqual(["k3y", "k3y"]);
    expect(other.got.map(({ url: path, headers }) => [path, headers["x-plant"]])).toEqual([["/far", undefined]]);
    expect(out[0]).toMatchObject([{ payload: "there", responseUrl: `${other.url}/far` }]);
  });

  it("that are missing are an error, not a request without them", async () => {
    const { url, got } = await upstream((response) => response.end());
    const { errors } = await (
      await host(scriptedOsf({}), { type: "osf-http", url, auth: "bearer" })
    ).give({ payload: 0 });
    expect([errors[0]?.error.code, got]).toEqual(["http.credentials", []]);
  });
});

describe("addresses", () => {
  it("are checked before each is dialled, redirects too", async () => {
    const { url, got } = await upstream((response) =>
      response.writeHead(307, { location: "http://169.254.169.254/latest" }).end(),
    );
    const checked: string[] = [];
    const check = (address: string) => {
      checked.push(address);
      if (address.includes("169.254")) throw refusal("http.private", "169.254.169.254 may not be reached.");
    };
    const { errors } = await (
      await host(scriptedOsf({ check }), { type: "osf-http", url: `${url}/a` })
    ).give({ payload: 0 });
    expect(errors[0]?.error.code).toBe("http.private");
    expect([checked, got.length]).toEqual([[`${url}/a`, "http://169.254.169.254/latest"], 1]);
  });

  it.each([
    ["file:///etc/passwd", "http.url"],
    ["plant.test/items", "http.url"],
    ["http://user:pass@plant.test/", "http.url"],
    ["", "http.url"],
  ])("like %j are refused", async (url, code) => {
    const { errors } = await (await host(scriptedOsf({}), { type: "osf-http", url })).give({ payload: 0 });
    expect(errors[0]?.error.code).toBe(code);
  });

  it("that redirect to something else or without end are an error", async () => {
    const { url, got } = await upstream((response, { url: path }) =>
      response.writeHead(302, { location: path === "/file" ? "file:///etc/passwd" : "/again" }).end(),
    );
    for (const path of ["/file", "/again"]) {
      const { errors } = await (
        await host(scriptedOsf({}), { type: "osf-http", url: url + path })
      ).give({ payload: 0 });
      expect(errors[0]?.error.code).toBe("http.redirect");
    }
    expect(got).toHaveLength(1 + 6);
  });

  it("turn a POST into a GET by 303 and keep it by 307", async () => {
    const { url, got } = await upstream((response, { url: path }) =>
      path === "/end" ? response.end() : response.writeHead(Number(path.slice(1)), { location: "/end" }).end(),
    );
    for (const status of [303, 307])
      await (
        await host(scriptedOsf({}), { type: "osf-http", method: "POST", url: `${url}/${status}` })
      ).give({ payload: { a: 1 } });
    expect(got.map(({ method, body }) => `${method} ${body}`)).toEqual([
      'POST {"a":1}',
      "GET ",
      'POST {"a":1}',
      'POST {"a":1}',
    ]);
  });
});

describe("failures", () => {
  it("repeats what may be repeated, as long as it is set to", async () => {
    const { url, got } = await upstream((response, _request, n) =>
      n < 3 ? response.writeHead(503, { "retry-after": "0" }).end() : json(response, { n }),
    );
    const { out } = await (await host(scriptedOsf({}), { type: "osf-http", url, retries: 2 })).give({ payload: 0 });
    expect(out[0]).toMatchObject([{ payload: { n: 3 }, http: { attempts: 3 } }]);
    expect(got).toHaveLength(3);
  });

  it("does not repeat a POST, unless it carries an Idempotency-Key, which stays the same", async () => {
    const { url, got } = await upstream((response) => response.writeHead(503, { "retry-after": "0" }).end());
    const config = { type: "osf-http", method: "POST", url, retries: 1 };
    await (await host(scriptedOsf({}), config)).give({ payload: 1 });
    expect(got).toHaveLength(1);
    const delivery = () => ({ key: "run_1/5", from: null });
    const keyed = await host(scriptedOsf({ delivery }), { ...config, idempotencyKey: true });
    await keyed.give({ payload: 1 });
    expect(got.slice(1).map(({ headers }) => headers["idempotency-key"])).toEqual(["run_1/5", "run_1/5"]);
  });

  it("makes a key of its own for each message where the host has none", async () => {
    const { url, got } = await upstream((response) => response.end());
    const { give } = await host(scriptedOsf({}), { type: "osf-http", method: "POST", url, idempotencyKey: true });
    await give({ payload: 1 });
    await give({ payload: 1 });
    const keys = got.map(({ headers }) => headers["idempotency-key"]);
    expect([keys.every((key) => /^[0-9a-f]{16}$/.test(String(key))), new Set(keys).size]).toEqual([true, 2]);
  });

  it("says the status and what was answered, or hands it on where it is set so", async () => {
    const { url } = await upstream((response) => json(response, { why: "no such item" }, 404));
    const strict = await (
      await host(scriptedOsf({}), { type: "osf-http", url: `${url}/?key=s3cret` })
    ).give({ payload: 1 });
    expect(strict.errors[0]).toMatchObject({
      payload: 1,
      error: { code: "http.status", cause: { statusCode: 404, payload: { why: "no such item" } } },
    });
    expect(strict.errors[0]?.error.message).not.toContain("s3cret");
    const lenient = await (
      await host(scriptedOsf({}), { type: "osf-http", url, failOnStatus: false })
    ).give({ payload: 1 });
    expect(lenient.out[0]).toMatchObject([{ statusCode: 404, payload: { why: "no such item" } }]);
  });

  it("gives up at the time limit", async () => {
    const { url } = await upstream(() => {});
    const { errors } = await (
      await host(scriptedOsf({}), { type: "osf-http", url, timeout: 1, retries: 0 })
    ).give({ payload: 1 });
    expect(errors[0]?.error).toMatchObject({ code: "http.timeout", message: expect.stringContaining("within 1 s") });
  });

  it("gives up on an answer that is larger than 10 MB", async () => {
    const { url } = await upstream((response) => response.end(Buffer.alloc(10_000_001)));
    const { errors } = await (await host(scriptedOsf({}), { type: "osf-http", url })).give({ payload: 1 });
    expect(errors[0]?.error.code).toBe("http.too-large");
  });

  it("names a host that cannot be reached", async () => {
    const config = { type: "osf-http", url: "http://127.0.0.1:1/", retries: 0 };
    const { errors } = await (await host(scriptedOsf({}), config)).give({ payload: 1 });
    expect(errors[0]?.error.code).toBe("http.network");
  });

  it("says so where the answer is no JSON, or breaks off", async () => {
    const { url } = await upstream((response, { url: path }) => {
      if (path === "/text") return response.end("hello");
      response.writeHead(200, { "content-length": "100" }).write("half");
      setImmediate(() => response.destroy());
    });
    const text = await (
      await host(scriptedOsf({}), { type: "osf-http", url: `${url}/text`, parse: "json" })
    ).give({ payload: 1 });
    expect(text.errors[0]?.error).toMatchObject({ code: "http.json", cause: "hello" });
    const half = await (await host(scriptedOsf({}), { type: "osf-http", url, retries: 0 })).give({ payload: 1 });
    expect(half.errors[0]?.error.code).toBe("http.network");
  });

  it("uses the host's own fetch where it has one", async () => {
    const osf = scriptedOsf({});
    const asked: unknown[] = [];
    osf.http.fetch = async (url) => {
      asked.push(url);
      return new Response("guarded");
    };
    const { out } = await (await host(osf, { type: "osf-http", url: "http://plant.test/" })).give({ payload: 1 });
    expect([asked, out[0]?.[0]?.payload]).toEqual([["http://plant.test/"], "guarded"]);
  });
});
