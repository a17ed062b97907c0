import { expect } from "vitest";
import { putSecret } from "#server/features/secrets/index.ts";
import { startAuthorizationServer, startProtectedUpstream } from "#tests/support/authorization-server.ts";
import type { Actor } from "../../kernel/actor.ts";
import type { UpstreamDefinition } from "../definition.ts";
import type { Credentials } from "./credentials.ts";
import { it, otherProcess, send, upstreamWith } from "./test-upstreams.ts";

let count = 0;
const registered = (url: string) => upstreamWith(`office-${count++}`, url, { kind: "oauth-user" });

const connect = async (credentials: Credentials, definition: UpstreamDefinition, actor: Actor, issuer: Consents) => {
  const address = await credentials.authorization.start(definition, actor, { returnTo: "/chat" });
  const back = await issuer.consent(address);
  return credentials.authorization.finish(
    back.searchParams,
    actor,
    async (id) => (id === definition.id ? definition : undefined),
    async () => undefined,
  );
};
interface Consents {
  consent(address: URL): Promise<URL>;
}

it("calls in the person's own name once they consented, and says how to consent before", async ({
  world,
  issuer,
  upstream,
}) => {
  const { credentials } = world.deps;
  const [ana, ben] = [await world.actor(), await world.actor()];
  const office = registered(upstream.url);
  await expect(send(credentials, office, ana)).rejects.toMatchObject({
    code: "upstream.auth",
    hints: { extra: { connect: `/connections/${office.name}/start`, mayHaveRun: false } },
  });
  expect(await connect(credentials, office, ana, issuer)).toMatchObject({ returnTo: "/chat" });
  const { headers } = (await send(credentials, office, ana)) as { headers: Record<string, string> };
  expect(headers["authorization"]).toMatch(/^Bearer at_/);
  const [asked] = issuer.tokenRequests;
  expect(asked?.form.get("resource")).toBe(upstream.url);
  await expect(send(credentials, office, ben)).rejects.toMatchObject({ code: "upstream.auth" });
  // The gateway itself, which lists, is nobody who could consent.
  await expect(credentials.headersFor(office, null)).rejects.toMatchObject({ code: "upstream.auth" });
  // The same person in another workspace has not consented there.
  const elsewhere = { ...ana, workspaceId: ben.workspaceId };
  await expect(send(credentials, office, elsewhere)).rejects.toMatchObject({ code: "upstream.auth" });
});

it("registers once at an issuer, for all people", async ({ world, issuer, upstream }) => {
  const { credentials } = world.deps;
  const office = registered(upstream.url);
  await connect(credentials, office, await world.actor(), issuer);
  await connect(credentials, office, await world.actor(), issuer);
  expect(issuer.counts.get("/register")).toBe(1);
});

it("gives the tokens to nobody but who started: another's state, a used one and a late one are the same", async ({
  world,
  issuer,
  upstream,
}) => {
  const [attacker, victim] = [await world.actor(), await world.actor()];
  let now = Date.now();
  const credentials = otherProcess(world, () => new Date(now));
  const office = registered(upstream.url);
  const finish = (back: URL, who: Actor) =>
    credentials.authorization.finish(
      back.searchParams,
      who,
      async () => office,
      async () => undefined,
    );
  // The attacker has the victim consent to a request that the attacker started.
  const lure = await credentials.authorization.start(office, attacker, { returnTo: "/" });
  const back = await issuer.consent(lure);
  await expect(finish(back, victim)).rejects.toMatchObject({ code: "connection.state" });
  await expect(send(credentials, office, attacker)).rejects.toMatchObject({ code: "upstream.auth" });
  expect(issuer.tokenRequests).toHaveLength(0);
  // Nor does it help to be in another workspace than the one it was started in.
  await expect(finish(back, { ...attacker, workspaceId: victim.workspaceId })).rejects.toMatchObject({
    code: "connection.state",
  });

  await finish(back, attacker);
  await expect(finish(back, attacker)).rejects.toMatchObject({ code: "connection.state" });

  const late = await issuer.consent(await credentials.authorization.start(office, victim, { returnTo: "/" }));
  now += 10 * 60_000 + 1;
  await expect(finish(late, victim)).rejects.toMatchObject({ code: "connection.state" });
  expect(issuer.tokenRequests).toHaveLength(1);
  await credentials.close();
});

it("of two answers that come at once uses one", async ({ world, issuer, upstream }) => {
  const { credentials } = world.deps;
  const ana = await world.actor();
  const office = registered(upstream.url);
  const back = await issuer.consent(await credentials.authorization.start(office, ana, { returnTo: "/" }));
  const finish = () =>
    credentials.authorization.finish(
      back.searchParams,
      ana,
      async () => office,
      async () => undefined,
    );
  const ends = await Promise.allSettled([finish(), finish(), finish()]);
  expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(issuer.tokenRequests).toHaveLength(1);
});

it("believes no answer of another issuer, nor one that should name its issuer and does not", async ({
  world,
  issuer,
  upstream,
}) => {
  const { credentials } = world.deps;
  const ana = await world.actor();
  const office = registered(upstream.url);
  for (const iss of ["https://attacker.example", `${issuer.issuer}/`, undefined]) {
    issuer.iss = iss;
    await expect(connect(credentials, office, ana, issuer)).rejects.toMatchObject({ code: "connection.issuer" });
  }
  expect(issuer.tokenRequests).toHaveLength(0);
});

it("renews a token before it ends, exactly once for all who call at that time, in all processes", async ({
  world,
  issuer,
  upstream,
}) => {
  let now = Date.now();
  const clock = () => new Date(now);
  const processes = [otherProcess(world, clock), otherProcess(world, clock)];
  const [one] = processes;
  if (!one) throw new Error("unreachable");
  const ana = await world.actor();
  const office = registered(upstream.url);
  await connect(one, office, ana, issuer);
  await Promise.all(processes.map((process) => send(process, office, ana)));
  expect(issuer.tokenRequests).toHaveLength(1);

  now += (3_600 - 59) * 1_000;
  const arrived = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  issuer.beforeToken = () => {
    arrived.resolve();
    return answer.promise;
  };
  const calls = processes.flatMap((process) => Array.from({ length: 10 }, () => send(process, office, ana)));
  await arrived.promise;
  answer.resolve();
  const results = (await Promise.all(calls)) as { headers: Record<string, string> }[];
  expect(issuer.tokenRequests.map(({ form }) => form.get("grant_type"))).toEqual([
    "authorization_code",
    "refresh_token",
  ]);
  expect(new Set(results.map(({ headers }) => headers["authorization"])).size).toBe(1);
  await Promise.all(processes.map((process) => process.close()));
});

it("takes over from a process that died while it renewed", async ({ world, issuer, upstream }) => {
  let now = Date.now();
  const credentials = otherProcess(world, () => new Date(now));
  const ana = await world.actor();
  const office = registered(upstream.url);
  await connect(credentials, office, ana, issuer);
  const key = { upstreamId: office.id, workspaceId: ana.workspaceId, userId: ana.userId };
  now += (3_600 - 20) * 1_000;
  const until = now + 30_000;
  await credentials.rows.change(key, async (grant) => grant && { ...grant, lease: { by: "dead", until } });
  let done = false;
  const waiting = send(credentials, office, ana).then(() => (done = true));
  await credentials.rows.changed(key, 100); // nobody gives it back
  expect([done, issuer.tokenRequests.length]).toEqual([false, 1]);
  now = until + 1;
  await waiting;
  expect(issuer.tokenRequests).toHaveLength(2);
  await credentials.close();
});

it("goes on with a token that is still good while its issuer is away, and says so when it has ended", async ({
  world,
  issuer,
  upstream,
}) => {
  let now = Date.now();
  const credentials = otherProcess(world, () => new Date(now));
  const ana = await world.actor();
  const office = registered(upstream.url);
  await connect(credentials, office, ana, issuer);
  issuer.tokenFails = 503;
  now += (3_600 - 30) * 1_000;
  await send(credentials, office, ana);
  now += 60_000;
  const away = await send(credentials, office, ana).catch((error: unknown) => error);
  expect(away).toMatchObject({ code: "upstream.auth", hints: { extra: { mayHaveRun: false } } });
  expect(away).not.toHaveProperty("hints.extra.connect");
  issuer.tokenFails = undefined;
  await send(credentials, office, ana);
  await credentials.close();
});

it("renews a token that the upstream refuses before its time, and repeats the call once", async ({
  world,
  issuer,
  upstream,
}) => {
  const { credentials } = world.deps;
  const ana = await world.actor();
  const office = registered(upstream.url);
  issuer.lifeS = 0; // ended for the upstream as soon as it is issued
  const back = await issuer.consent(await credentials.authorization.start(office, ana, { returnTo: "/" }));
  await credentials.authorization.finish(
    back.searchParams,
    ana,
    async () => office,
    async () => undefined,
  );
  issuer.lifeS = 3_600;
  await send(credentials, office, ana);
  expect(issuer.tokenRequests.map(({ form }) => form.get("grant_type"))).toEqual([
    "authorization_code",
    "refresh_token",
  ]);
});

it("asks the person again once the issuer has ended the grant, and forgets it", async ({ world, issuer, upstream }) => {
  const { credentials } = world.deps;
  const ana = await world.actor();
  const office = registered(upstream.url);
  await connect(credentials, office, ana, issuer);
  issuer.revokeAll();
  await expect(send(credentials, office, ana)).rejects.toMatchObject({
    code: "upstream.auth",
    hints: { extra: { connect: `/connections/${office.name}/start` } },
  });
  expect(await world.deps.db.upstreamCredential.count({ where: { upstreamId: office.id, userId: ana.userId } })).toBe(
    0,
  );
});

it("asks for the missing scope too when the person connects again, and loses none", async ({
  world,
  issuer,
  upstream,
}) => {
  const { credentials } = world.deps;
  const ana = await world.actor();
  const office = registered(upstream.url);
  await connect(credentials, office, ana, issuer);
  upstream.needs = "plant.write";
  await expect(send(credentials, office, ana)).rejects.toMatchObject({
    code: "upstream.auth",
    message: expect.stringContaining("more permissions") as unknown,
    hints: { extra: { connect: expect.any(String) as unknown } },
  });
  const address = await credentials.authorization.start(office, ana, { returnTo: "/" });
  expect(address.searchParams.get("scope")?.split(" ").toSorted()).toEqual([
    "offline_access",
    "plant.read",
    "plant.write",
  ]);
  await connect(credentials, office, ana, issuer);
  await send(credentials, office, ana);
});

it("sends nothing of one issuer to the next when an upstream changes its issuer", async ({
  world,
  issuer,
  upstream,
}) => {
  const { credentials } = world.deps;
  const ana = await world.actor();
  const office = registered(upstream.url);
  await connect(credentials, office, ana, issuer);
  const next = await startAuthorizationServer();
  upstream.issuer = next;
  await expect(send(credentials, office, ana)).rejects.toMatchObject({ code: "upstream.auth" });
  expect(next.tokenRequests).toHaveLength(0);
  expect(issuer.tokenRequests).toHaveLength(1);
  await connect(credentials, office, ana, next);
  await send(credentials, office, ana);
  expect(next.counts.get("/register")).toBe(1);
  expect(upstream.seen.at(-1)?.authorization).toMatch(/^Bearer at_/);
  await next.close();
});

it("sends no token to another address that the upstream is given, until the person consents to that", async ({
  world,
  issuer,
  upstream,
}) => {
  const { credentials } = world.deps;
  const ana = await world.actor();
  const office = registered(upstream.url);
  await connect(credentials, office, ana, issuer);
  const thief = await startProtectedUpstream(issuer);
  const moved = { ...office, url: thief.url };
  await expect(send(credentials, moved, ana)).rejects.toMatchObject({
    code: "upstream.auth",
    hints: { extra: { connect: `/connections/${office.name}/start` } },
  });
  expect(thief.seen).toEqual([]);
  await connect(credentials, moved, ana, issuer);
  await send(credentials, moved, ana);
  await thief.close();
});

it("does not take metadata that are away for another issuer", async ({ world, issuer, upstream }) => {
  let now = Date.now();
  const credentials = otherProcess(world, () => new Date(now));
  const ana = await world.actor();
  const office = registered(upstream.url);
  await connect(credentials, office, ana, issuer);
  now += 2 * 3_600_000;
  upstream.metadataFail = 500;
  await expect(send(credentials, office, ana)).rejects.toMatchObject({ code: "upstream.auth" });
  upstream.metadataFail = undefined;
  await send(credentials, office, ana);
  await credentials.close();
});

it("sends a client secret that was entered for one issuer to no other", async ({ world, upstream, issuer }) => {
  const ana = await world.actor();
  const { credentials, db, live, clock, vault } = world.deps;
  await putSecret({ db, live, clock, vault }, ana, {
    name: "OFFICE_SECRET",
    value: "s3cr3t-of-office",
    scope: "workspace",
  });
  const auth = { kind: "oauth-user" as const, clientId: "gateway", clientSecret: "${OFFICE_SECRET}" };
  const office = upstreamWith(`office-${count++}`, upstream.url, auth, ana.workspaceId);
  const redirectUris = [`${world.deps.settings.publicUrl}/connections/callback`];
  issuer.register("gateway", { secret: "s3cr3t-of-office", redirectUris });
  await connect(credentials, office, ana, issuer);
  await send(credentials, office, ana);

  const thief = await startAuthorizationServer();
  thief.register("gateway", { secret: "s3cr3t-of-office", redirectUris });
  upstream.issuer = thief;
  await expect(connect(credentials, office, ana, thief)).rejects.toMatchObject({ code: "upstream.auth" });
  expect(thief.tokenRequests).toHaveLength(0);
  await thief.close();
});
