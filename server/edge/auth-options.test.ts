import { randomBytes } from "node:crypto";
import NextAuthModule from "next-auth";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createWorld, PASSWORD, type World } from "../features/accounts/test-world.ts";
import { createAuthOptions, withinOurs } from "./auth-options.ts";
import { PEER_HEADER } from "./request-context.ts";

let world: World;
beforeAll(async () => {
  vi.stubEnv("NEXTAUTH_URL", "http://localhost:8080"); // as server/main.ts does
  world = await createWorld();
  world.useRealTime();
});
afterAll(() => world.close());

// next-auth 4 is CommonJS: natively imported, the default import is the module object.
const NextAuth = ((NextAuthModule as unknown as { default?: unknown }).default ?? NextAuthModule) as (
  request: object,
  response: object,
  options: object,
) => Promise<void>;

interface Sent {
  action: string;
  method?: "GET" | "POST";
  body?: Record<string, string>;
  cookies?: Record<string, string>;
}

/** A browser in front of next-auth itself: keeps cookies, sends the CSRF token. */
function browser() {
  const options = createAuthOptions(world.deps);
  const ip = `2001:db8:${randomBytes(2).toString("hex")}:${randomBytes(2).toString("hex")}::1`;
  const cookies: Record<string, string> = {};
  const attributes: Record<string, string> = {};
  async function send({ action, method = "GET", body = {}, cookies: worn = cookies }: Sent): Promise<unknown> {
    const headers = { [PEER_HEADER]: ip, "user-agent": "Browser/1" };
    let set: string[] = [];
    let answer: unknown;
    const response = {
      getHeader: () => set,
      setHeader(name: string, value: string | string[]) {
        if (name === "Set-Cookie") set = [value].flat();
      },
      status: () => response,
      json: (value: unknown) => (answer = value),
      send: (value: unknown) => (answer = value),
      end: () => undefined,
    };
    const request = { method, headers, body, cookies: { ...worn }, query: { nextauth: action.split("/") } };
    await NextAuth(request, response, { ...options });
    for (const line of set) {
      const [pair = "", ...rest] = line.split("; ");
      const at = pair.indexOf("=");
      const name = pair.slice(0, at);
      attributes[name] = rest.join("; ");
      if (at === pair.length - 1) delete cookies[name];
      else cookies[name] = decodeURIComponent(pair.slice(at + 1));
    }
    return answer;
  }
  const csrf = async () => ((await send({ action: "csrf" })) as { csrfToken: string }).csrfToken;
  return {
    ip,
    cookies,
    attributes,
    async signIn(email: string, password: string, more: Record<string, string> = {}) {
      const body = { email, password, csrfToken: await csrf(), json: "true", ...more };
      const { url } = (await send({ action: "callback/credentials", method: "POST", body })) as { url: string };
      return { url, error: new URL(url).searchParams.get("error") };
    },
    session: () => send({ action: "session" }),
    async signOut() {
      return send({ action: "signout", method: "POST", body: { csrfToken: await csrf() } });
    },
    send,
  };
}

it("signs in with a session that is listed, and tells the page who it is", async () => {
  const person = await world.person();
  const page = browser();
  expect(await page.signIn(person.email, PASSWORD)).toEqual({ url: "http://localhost:8080/", error: null });
  expect(await page.session()).toMatchObject({
    user: { id: person.userId, name: person.name, email: person.email },
  });
  expect(await world.deps.db.authSession.findMany({ where: { userId: person.userId } })).toMatchObject([
    { kind: "browser", ip: page.ip, userAgent: "Browser/1", revokedAt: null },
  ]);
});

it("keeps the session in a cookie that scripts cannot read and other sites do not send", async () => {
  const person = await world.person();
  const page = browser();
  await page.signIn(person.email, PASSWORD);
  expect(page.attributes["osf-8080.session"]).toMatch(/Path=\/; .*HttpOnly; SameSite=Lax$/);
  expect(Object.keys(page.cookies).every((name) => name.startsWith("osf-8080."))).toBe(true);
  expect(JSON.stringify(page.cookies)).not.toContain(person.email);
});

it("sets secure cookies where the public address is https", async () => {
  const secure = await createWorld({ publicUrl: "https://osf.example.com" });
  try {
    const { cookies, useSecureCookies } = createAuthOptions(secure.deps);
    expect(useSecureCookies).toBe(true);
    expect(cookies?.sessionToken).toMatchObject({
      name: "__Secure-osf-8080.session",
      options: { secure: true, httpOnly: true },
    });
  } finally {
    await secure.close();
  }
});

it("tells the page by a code why it did not sign in", async () => {
  const { email, userId } = await world.person();
  expect((await browser().signIn(email, "wrong")).error).toBe("auth.credentials");
  expect((await browser().signIn("not an address", "x")).error).toBe("request.invalid");
  await world.deps.db.user.update({ where: { id: userId }, data: { emailVerifiedAt: null } });
  expect((await browser().signIn(email, PASSWORD)).error).toBe("auth.unverified");
});

it("tells the page until when an address is locked, though the rate is reached as well", async () => {
  const { email } = await world.person();
  for (let i = 0; i < 5; i++) expect((await browser().signIn(email, `wrong ${i}`)).error).toBe("auth.credentials");
  const until = new Date(world.deps.clock.now().getTime() + 15 * 60_000).toISOString();
  expect((await browser().signIn(email, PASSWORD)).error).toBe(`auth.locked:${until}`);
});

it("tells the page when it is too quick", async () => {
  const { email } = await world.person();
  for (let i = 0; i < 5; i++) expect((await browser().signIn(email, PASSWORD)).error).toBeNull();
  expect((await browser().signIn(email, PASSWORD)).error).toMatch(/^rate\.limited:\d+$/);
});

it("does not sign in without next-auth's CSRF token", async () => {
  const { email, userId } = await world.person();
  await browser().signIn(email, PASSWORD, { csrfToken: "forged" });
  expect(await world.deps.db.authSession.count({ where: { userId } })).toBe(0);
});

it("ends the session when the person signs out, and only then", async () => {
  const { userId, email } = await world.person();
  const [page, other] = [browser(), browser()];
  await page.signIn(email, PASSWORD);
  await other.signIn(email, PASSWORD);
  const stolen = { ...page.cookies };
  await page.signOut();
  expect(page.cookies).not.toHaveProperty(["osf-8080.session"]);
  expect(await page.session()).toEqual({});
  expect(await page.send({ action: "session", cookies: stolen })).toEqual({});
  expect(await other.session()).toMatchObject({ user: { id: userId } });
  const rows = (await world.audit("auth.logout")).filter((row) => row.userId === userId);
  expect(rows).toMatchObject([{ outcome: "ok" }]);
});

it("takes the cookie away from a browser whose session was ended elsewhere", async () => {
  const { userId, email } = await world.person();
  const page = browser();
  await page.signIn(email, PASSWORD);
  await world.deps.db.authSession.updateMany({ where: { userId }, data: { revokedAt: new Date() } });
  expect(await page.session()).toEqual({});
  expect(page.cookies).not.toHaveProperty(["osf-8080.session"]);
});

it.each([
  ["/runs?x=1", "http://localhost:8080/runs?x=1"],
  ["http://localhost:8080/chat", "http://localhost:8080/chat"],
  ["http://127.0.0.1:8080/chat", "http://127.0.0.1:8080/chat"],
  ["http://127.0.0.1:9090/chat", "http://localhost:8080"],
  ["https://evil.example/", "http://localhost:8080"],
  ["//evil.example/", "http://localhost:8080"],
  ["javascript:alert(1)", "http://localhost:8080"],
  ["http://", "http://localhost:8080"],
])("goes from %s to %s", (wanted, goes) => {
  expect(withinOurs("http://localhost:8080", wanted)).toBe(goes);
});
