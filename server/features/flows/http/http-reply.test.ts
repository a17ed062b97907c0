import { describe, expect, it } from "vitest";
import { replyResponse } from "./http-reply.ts";

describe("the answer of a flow", () => {
  it("has its status, headers and body, and names the run", async () => {
    const reply = { statusCode: 201, headers: { "content-type": "application/json", "x-lot": "7" }, body: '{"a":1}' };
    const response = replyResponse(reply, "run_1");
    expect([response.status, response.headers.get("x-lot"), response.headers.get("x-run-id")]).toEqual([
      201,
      "7",
      "run_1",
    ]);
    expect(await response.json()).toEqual({ a: 1 });
    const bytes = await replyResponse({ statusCode: 200, body: "AP8=", base64: true }, "run_1").arrayBuffer();
    expect([...new Uint8Array(bytes)]).toEqual([0, 255]);
    expect(replyResponse({ statusCode: 204, body: "x" }, "run_1").body).toBeNull();
    expect(replyResponse({ statusCode: 101 }, "run_1").status).toBe(200);
  });

  it("is a document of nobody's origin: its scripts reach nothing in the reader's name", () => {
    const response = replyResponse(
      {
        statusCode: 200,
        headers: { "content-security-policy": "default-src *", "Content-Type": "text/html" },
        body: "<script>",
      },
      "run_1",
    );
    const policy = response.headers.get("content-security-policy");
    expect(policy).toMatch(/^sandbox /);
    expect(policy).not.toMatch(/allow-same-origin|allow-top-navigation|\*/);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("does not sign its callers in as somebody else, nor speaks for the gateway", () => {
    const cookies = ["osf-8080.session", "__Secure-osf-443.session.0", "a b", "theirs"].map((name) => ({
      name,
      value: "x",
    }));
    const headers = {
      "set-cookie": "osf-8080.session=x",
      connection: "close",
      "clear-site-data": "*",
      "x-run-id": "y",
    };
    const response = replyResponse({ statusCode: 200, headers, cookies }, "run_1");
    expect(response.headers.getSetCookie()).toEqual(["theirs=x; Path=/; SameSite=Lax"]);
    for (const name of ["connection", "clear-site-data"]) expect(response.headers.get(name)).toBeNull();
    expect(response.headers.get("x-run-id")).toBe("run_1");
  });

  it("cannot be split by what it says", () => {
    const response = replyResponse(
      {
        statusCode: 200,
        headers: { "x-a": "1\r\nSet-Cookie: b=2", "x b": "1", "x-wide": "→" },
        cookies: [{ name: "c", value: "1; Domain=evil\r\n", options: { path: "/; Secure\r\n" } }],
      },
      "run_1",
    );
    expect(Object.keys(Object.fromEntries(response.headers)).toSorted()).toEqual([
      "content-security-policy",
      "x-content-type-options",
      "x-run-id",
    ]);
  });

  it("takes cookies away, and keeps their options", () => {
    const cookies = [
      { name: "gone", value: null },
      { name: "kept", value: "ü", options: { maxAge: 5_000, httpOnly: true, sameSite: "strict", path: "/x" } },
    ];
    expect(replyResponse({ statusCode: 200, cookies }, "run_1").headers.getSetCookie()).toEqual([
      "gone=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; SameSite=Lax",
      "kept=%C3%BC; Path=/x; Max-Age=5; HttpOnly; SameSite=Strict",
    ]);
  });
});
