import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import type { Lookup } from "../../kernel/guarded-lookup.ts";
import { DialRefused } from "./dial.ts";
import { guardedFetch } from "./guarded-fetch.ts";

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of cleanup.splice(0).toReversed()) await end();
});

/** A server on the loopback that counts who reaches it. */
async function inside(
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_, r) => void r.end("in"),
  host = "127.0.0.1",
) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, host, listening));
  cleanup.push(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  return { port: (server.address() as AddressInfo).port, requests }; // a listening TCP server has one
}
const fetching = (options: Partial<Parameters<typeof guardedFetch>[0]> = {}) => {
  const fetch = guardedFetch({ allow: [], connectMs: 2_000, ...options });
  cleanup.push(() => fetch.close());
  return fetch;
};
/** A resolver of names that changes its mind: the n-th question gets the n-th answer. */
const resolver = (...answers: string[]): Lookup & { asked(): number } => {
  let asked = 0;
  const lookup: Lookup = (_, options, callback) => {
    const address = answers[Math.min(asked++, answers.length - 1)]!;
    const family = address.includes(":") ? 6 : 4;
    if (options.all) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };
  return Object.assign(lookup, { asked: () => asked });
};
const refusal = (error: unknown): boolean => {
  for (let e = error; e instanceof Error; e = e.cause) if (e instanceof DialRefused) return true;
  return false;
};

describe("a private address", () => {
  it.each([
    "127.0.0.1",
    "localhost",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.1",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::1]",
    "0.0.0.0",
    "169.254.169.254",
    "[fd00:ec2::254]",
  ])("is not dialled, however it is written: %s", async (host) => {
    const { port, requests } = await inside();
    await expect(fetching()(`http://${host}:${port}/`)).rejects.toSatisfy(refusal);
    expect(requests).toEqual([]);
  });

  it("is not dialled for a name that stood for another one when it was first looked up", async () => {
    // the same machine by two addresses, of which one is allowed
    const open = await inside(
      (_, response) => response.writeHead(200, { connection: "close" }).end("out"),
      "127.0.0.9",
    );
    const lookup = resolver("127.0.0.9", "127.0.0.1");
    const fetch = fetching({ allow: ["127.0.0.9"], lookup });
    expect(await (await fetch(`http://rebind.example:${open.port}/`)).text()).toBe("out");
    const secret = await inside();
    await expect(fetch(`http://rebind.example:${secret.port}/`)).rejects.toSatisfy(refusal);
    expect(lookup.asked()).toBe(2);
    expect(secret.requests).toEqual([]);
  });

  it("is dialled where its network is allowed, or the upstream's owner may", async () => {
    const { port, requests } = await inside();
    expect(await (await fetching({ allow: ["127.0.0.0/8"] })(`http://127.0.0.1:${port}/`)).text()).toBe("in");
    const fetch = fetching({ privateNetwork: true, lookup: resolver("127.0.0.1") });
    expect(await (await fetch(`http://plc.factory:${port}/`)).text()).toBe("in");
    await expect(fetching({ allow: ["10.0.0.0/8"] })(`http://127.0.0.1:${port}/`)).rejects.toSatisfy(refusal);
    expect(requests).toHaveLength(2);
  });
});

describe("the metadata service of a cloud", () => {
  it.each(["169.254.169.254", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "100.100.100.200", "2852039166"])(
    "is dialled by nobody, whatever is allowed: %s",
    async (host) => {
      const fetch = fetching({ privateNetwork: true, allow: ["0.0.0.0/0", "::/0", "169.254.169.254"] });
      await expect(fetch(`http://${host}/latest/meta-data/`)).rejects.toSatisfy(refusal);
    },
  );

  it("is not dialled by its name", async () => {
    const fetch = fetching({ privateNetwork: true, lookup: resolver("169.254.169.254") });
    await expect(fetch("http://metadata.google.internal/")).rejects.toSatisfy(refusal);
  });
});

describe("a redirect", () => {
  const redirecting = (to: () => string, status = 302) =>
    inside((request, response) =>
      request.url === "/from" ? response.writeHead(status, { location: to() }).end() : response.end("arrived"),
    );

  it("is judged anew at each hop", async () => {
    const secret = await inside();
    const to = `http://inner.example:${secret.port}/`;
    const open = await inside((_, response) => response.writeHead(302, { location: to }).end(), "127.0.0.9");
    const fetch = fetching({ allow: ["127.0.0.9"], lookup: resolver("127.0.0.9", "127.0.0.1") });
    await expect(fetch(`http://open.example:${open.port}/`)).rejects.toSatisfy(refusal);
    expect(open.requests).toHaveLength(1);
    expect(secret.requests).toEqual([]);
  });

  it("is followed within an origin with all headers, and to another without what may be secret", async () => {
    const other = await inside();
    let to = "/here";
    const { port, requests } = await redirecting(() => to);
    const fetch = fetching({ allow: ["127.0.0.0/8"] });
    const headers = { Authorization: "Bearer secret", "X-API-Key": "secret", Accept: "application/json" };
    expect(await (await fetch(`http://127.0.0.1:${port}/from`, { headers })).text()).toBe("arrived");
    expect(requests[1]?.headers).toMatchObject({ authorization: "Bearer secret", "x-api-key": "secret" });
    to = `http://127.0.0.1:${other.port}/`;
    expect(await (await fetch(`http://127.0.0.1:${port}/from`, { headers })).text()).toBe("in");
    expect(other.requests[0]?.headers).toMatchObject({ accept: "application/json" });
    expect(JSON.stringify(other.requests[0]?.headers)).not.toContain("secret");
  });

  it("of a POST is not followed, nor one that goes on and on", async () => {
    const { port, requests } = await inside((_, response) => response.writeHead(307, { location: "/again" }).end());
    const fetch = fetching({ allow: ["127.0.0.0/8"] });
    expect((await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "code=secret" })).status).toBe(307);
    expect(requests).toHaveLength(1);
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(307);
    expect(requests).toHaveLength(5);
  });
});

it("gives up an answer that never ends, and one that is too large", async () => {
  const { port } = await inside((request, response) => {
    response.writeHead(200);
    if (request.url === "/drip") response.write("a");
    else response.end(Buffer.alloc(200_000));
  });
  const fetch = fetching({ allow: ["127.0.0.0/8"], timeoutMs: 300, maxResponseBytes: 100_000 });
  await expect(fetch(`http://127.0.0.1:${port}/drip`).then((response) => response.text())).rejects.toThrow(/timeout/);
  await expect(fetch(`http://127.0.0.1:${port}/large`).then((response) => response.text())).rejects.toThrow(
    /terminated/,
  );
});

it("unpacks no more of a packed answer than of any other", async () => {
  const [small, bomb] = [Buffer.alloc(90_000, "a"), Buffer.alloc(50_000_000)].map((body) => gzipSync(body));
  const { port } = await inside((request, response) => {
    response.writeHead(200, { "content-encoding": "gzip" }).end(request.url === "/small" ? small : bomb);
  });
  const fetch = fetching({ allow: ["127.0.0.0/8"], maxResponseBytes: 100_000 });
  expect(await (await fetch(`http://127.0.0.1:${port}/small`)).text()).toHaveLength(90_000);
  const large = await fetch(`http://127.0.0.1:${port}/bomb`);
  await expect(large.arrayBuffer()).rejects.toMatchObject({ code: "UND_ERR_RES_EXCEEDED_MAX_SIZE" });
});
