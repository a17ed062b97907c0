import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { startCountingUpstream, type TestUpstream } from "#tests/support/mcp-upstream.ts";
import { createTestDatabase } from "#tests/support/test-database.ts";
import { silent } from "#tests/support/tool-gateway.ts";
import type { Actor } from "../../kernel/actor.ts";
import { systemClock } from "../../kernel/clock.ts";
import { openDatabase, type Database } from "../../kernel/db.ts";
import { openLive, type Live } from "../../kernel/live.ts";
import type { Settings } from "../../kernel/settings.ts";
import { createToolGateway } from "../../mcp/create-gateway.ts";
import type { Deps } from "../deps.ts";
import {
  auditWriter,
  callTool,
  checkUpstream,
  createUpstream,
  findUpstream,
  listTools,
  listUpstreams,
  removeUpstream,
  updateUpstream,
  upstreamSource,
} from "./index.ts";
import { upstreamHealth } from "./public-health.ts";
import { CreateUpstream } from "./schema.ts";

type World = Pick<Deps, "settings" | "log" | "clock" | "db" | "live" | "tools">;
const actor = (workspaceId: string, more: Partial<Actor> = {}): Actor => ({
  userId: `usr_${workspaceId}`,
  name: "Ada",
  email: "ada@example.com",
  workspaceId,
  role: "admin",
  owner: true,
  via: "session",
  credentialId: "ses_1",
  scopes: null,
  ...more,
});
const owner = actor("wsp_1");
const viewer = actor("wsp_1", { owner: false, role: "viewer" });
const stranger = actor("wsp_2");

let database: Database;
let live: Live;
let erp: TestUpstream;
let wms: TestUpstream;
let web: World;
let worker: World;
const ends: (() => Promise<unknown>)[] = [];

/** One process: a gateway of its own on the common database. */
function startProcess(): World {
  // Nothing here looks at the rest of the settings.
  const settings = { upstreams: [{ name: "erp", title: "ERP", url: erp.url, source: "demo" }] } as unknown as Settings;
  const base = { settings, log: silent, clock: systemClock, db: database.rows, live };
  const tools = createToolGateway({
    upstreams: upstreamSource(base),
    audit: auditWriter({ ...base, sql: database.sql }),
    live,
    log: silent,
    clock: systemClock,
    version: "test",
    defaultTimeoutMs: 5_000,
    pace: { retryMs: [20, 100] },
  });
  ends.push(() => tools.close());
  return { ...base, tools };
}

beforeAll(async () => {
  const testDatabase = await createTestDatabase();
  ends.push(() => testDatabase.drop());
  database = openDatabase(testDatabase.url, { connections: 6 });
  ends.push(() => database.close());
  live = await openLive({ url: testDatabase.url, sql: database.sql, log: silent });
  ends.push(() => live.close());
  [erp, wms] = await Promise.all([startCountingUpstream(), startCountingUpstream({ era: "legacy" })]);
  ends.push(
    () => erp.stop(),
    () => wms.stop(),
  );
  web = startProcess();
  worker = startProcess();
});
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});
afterEach(async () => {
  for (const { name, workspaceId } of await database.rows.upstream.findMany()) {
    await removeUpstream(web, actor(workspaceId ?? "wsp_1"), { id: name });
  }
});

const register = (more: Partial<Parameters<typeof CreateUpstream.parse>[0] & object> = {}) =>
  createUpstream(web, owner, CreateUpstream.parse({ name: "wms", title: "WMS", url: wms.url, ...more }));

describe("a registered MCP server", () => {
  it("is at once in use, in every process", async () => {
    expect(await register()).toMatchObject({
      id: expect.stringMatching(/^ups_/),
      state: "ok",
      tools: 7,
      source: "admin",
    });
    expect((await listUpstreams(web, viewer)).map(({ name }) => name)).toEqual(["erp", "wms"]);
    await vi.waitFor(async () => expect(await listTools(worker, viewer, { server: "wms" })).toHaveLength(7), 5_000);
  });

  it("that does not answer is taken all the same, and says so", async () => {
    const gone = await startCountingUpstream();
    await gone.stop();
    expect(await register({ url: gone.url })).toMatchObject({
      state: "down",
      problem: `The WMS does not answer at ${gone.url}: connection refused`,
    });
    expect(await listUpstreams(web, viewer)).toHaveLength(2);
  });

  it("can be changed, switched off and removed", async () => {
    const { id } = await register({ url: erp.url });
    expect(await updateUpstream(web, owner, { id, url: wms.url })).toMatchObject({ id, protocol: "2025-11-25" });
    expect(await updateUpstream(web, owner, { id, enabled: false })).toMatchObject({ state: "disabled" });
    expect(await listTools(web, viewer, { server: "wms" })).toEqual([]);
    await removeUpstream(web, owner, { id });
    await expect(findUpstream(web, owner, { id })).rejects.toMatchObject({ kind: "missing" });
  });

  it("leaves a trace in the audit for each change, without the query of its address", async () => {
    const before = await database.rows.auditEntry.count();
    const { id } = await register({ url: `${wms.url}?key=hidden` });
    await updateUpstream(web, owner, { id, title: "Warehouse" });
    await removeUpstream(web, owner, { id });
    const rows = await database.rows.auditEntry.findMany({ orderBy: [{ at: "asc" }, { id: "asc" }], skip: before });
    expect(rows.map(({ action, subject }) => `${action} ${subject}`)).toEqual([
      "upstream.create wms",
      "upstream.update wms",
      "upstream.remove wms",
    ]);
    expect(JSON.stringify(rows)).not.toContain("hidden");
  });

  it("has a name that nobody else has, be it registered or of the settings", async () => {
    await register();
    const taken = { kind: "conflict", code: "upstream.taken", hints: { fields: [{ path: "name" }] } };
    await expect(register()).rejects.toMatchObject(taken);
    await expect(register({ name: "erp" })).rejects.toMatchObject(taken);
  });

  it.each([
    [{ name: "Wms" }, "name"],
    [{ name: "w.ms" }, "name"],
    [{ url: "ftp://wms/mcp" }, "url"],
    [{ url: "file:///etc/passwd" }, "url"],
    [{ url: "http://user:pass@wms/mcp" }, "url"],
    [{ title: " " }, "title"],
  ])("is refused with %j, naming the field", (wrong, field) => {
    const parsed = CreateUpstream.safeParse({ name: "wms", title: "WMS", url: wms.url, ...wrong });
    expect(parsed.error?.issues.map(({ path }) => path.join("."))).toEqual([field]);
  });
});

it("for some roles is seen by those, and by who looks after servers", async () => {
  const name = "lab";
  await createUpstream(
    web,
    owner,
    CreateUpstream.parse({ name, title: "Lab", url: wms.url, policy: { roles: ["operator"], privateNetwork: true } }),
  );
  const names = async (role: Actor["role"]) =>
    (await listUpstreams(web, actor("wsp_1", { owner: false, role }))).map((one) => one.name);
  expect(await names("operator")).toContain(name);
  expect(await names("admin")).toContain(name);
  expect(await names("viewer")).not.toContain(name);
  await expect(findUpstream(web, viewer, { id: name })).rejects.toMatchObject({ kind: "missing" });
});

it.each(["catalogue", "quarantine", "connect", "callback"])("has no name that is a page's: %s", (name) => {
  const { error } = CreateUpstream.safeParse({ name, title: "T", url: "http://x.test/mcp" });
  expect(error?.issues).toMatchObject([{ path: ["name"], message: expect.stringContaining("page") as string }]);
});

it("keeps servers of the settings as they are, and says where they are changed", async () => {
  const fixed = { kind: "conflict", code: "upstream.fixed" };
  await expect(updateUpstream(web, owner, { id: "erp", enabled: false })).rejects.toMatchObject(fixed);
  await expect(removeUpstream(web, owner, { id: "erp" })).rejects.toMatchObject(fixed);
});

it("keeps a workspace's own server from everybody else, who cannot tell it from one that does not exist", async () => {
  const { id } = await register({ scope: "workspace" });
  expect(await checkUpstream(web, viewer, { id })).toMatchObject({ state: "ok", workspaceId: "wsp_1" });
  const nowhere = await findUpstream(web, stranger, { id: "nowhere" }).catch((error: unknown) => error);
  for (const attempt of [
    () => findUpstream(web, stranger, { id }),
    () => findUpstream(web, stranger, { id: "wms" }),
    () => checkUpstream(web, stranger, { id }),
    () => updateUpstream(web, stranger, { id, enabled: false }),
    () => removeUpstream(web, stranger, { id: "wms" }),
    () => upstreamHealth(web, { server: "wms" }),
  ])
    expect(await attempt().catch((error: unknown) => error)).toEqual(nowhere);
  expect((await listUpstreams(web, stranger)).map(({ name }) => name)).toEqual(["erp"]);
  expect(await listTools(web, stranger, { server: "wms" })).toEqual([]);
  await expect(callTool(web, stranger, { name: "wms.plain", args: {} })).rejects.toMatchObject({ kind: "missing" });
  expect(await findUpstream(web, owner, { id })).toMatchObject({ enabled: true });
});

describe("trying a tool", () => {
  it("is for every viewer where it only reads, for operators where it writes", async () => {
    const read = { name: "erp.read_stock", args: { material: "M-1" } };
    const write = { name: "erp.book", args: { material: "M-1", amount: 1 } };
    expect(await callTool(web, viewer, read)).toMatchObject({ failed: false, value: { stock: 42 } });
    const before = erp.calls().length;
    await expect(callTool(web, viewer, write)).rejects.toMatchObject({ kind: "forbidden" });
    await expect(callTool(web, viewer, { name: "erp.plain", args: {} })).rejects.toMatchObject({ kind: "forbidden" });
    expect(erp.calls()).toHaveLength(before);
    expect(await callTool(web, owner, write)).toMatchObject({ failed: false });
  });

  it("says why its server is down", async () => {
    const gone = await startCountingUpstream();
    await gone.stop();
    await register({ url: gone.url });
    await expect(callTool(web, viewer, { name: "wms.plain", args: {} })).rejects.toMatchObject({
      kind: "upstream",
      message: expect.stringContaining("connection refused"),
    });
  });
});

it("tells anybody whether a common server answers, and asks it at most every five seconds", async () => {
  await expect.poll(() => upstreamHealth(web, { server: "erp" })).toMatchObject({ status: "ok" });
  const check = vi.spyOn(web.tools, "check");
  for (let i = 0; i < 10; i++) await upstreamHealth(web, { server: "erp" });
  expect(check).not.toHaveBeenCalled();
  await upstreamHealth({ ...web, clock: { now: () => new Date(Date.now() + 6_000) } }, { server: "erp" });
  expect(check).toHaveBeenCalledTimes(1);
});
