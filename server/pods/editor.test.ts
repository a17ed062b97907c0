import { describe, expect } from "vitest";
import { createFlow } from "#server/features/flows/index.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { editorClient, type Node } from "#tests/support/editor-client.ts";
import { startPodGateway, type PodGateway } from "#tests/support/pod-gateway.ts";
import { until } from "#tests/support/until.ts";
import { it } from "#tests/support/world.ts";

let gateway: PodGateway;
it.beforeAll(async ({ world }) => {
  gateway = await startPodGateway(world, { warm: 1, limit: 30 });
}, 60_000);
it.afterAll(() => gateway.close(), 60_000);

const editorOf = async (actor: Actor) => editorClient(gateway.url, await gateway.headersFor(actor));
const ENGINE_CANNOT = { id: "pod-only", type: "file in", z: "t", filename: "x", wires: [[]] };
const tab = (...nodes: Node[]): Node[] => [
  { id: "t", type: "tab", label: "Test" },
  ...nodes.map((node) => ({ z: "t", ...node })),
];

describe("the editor", { timeout: 60_000 }, () => {
  it("keeps what is deployed as a revision, and never lets a second tab overwrite it silently", async ({ world }) => {
    const actor = await world.actor({ role: "editor" });
    const editor = await editorOf(actor);
    const { flows, rev } = await editor.flows();
    const mine = tab({ id: "c", type: "comment", name: "mine", wires: [] });
    expect((await editor.deploy([...flows, ...mine], rev)).status).toBe(200);
    const theirs = await editor.deploy(flows, rev); // another tab that was opened before
    expect(theirs.status).toBe(409);
    const document = await world.deps.db.flowDocument.findFirstOrThrow({ where: { userId: actor.userId } });
    expect(JSON.stringify(document.nodes)).toContain('"mine"');
    const revisions = await world.deps.db.flowRevision.findMany({ where: { documentId: document.id } });
    expect(revisions.at(-1)).toMatchObject({ source: "editor", authorId: actor.userId });
  });

  it("shows what a program changed, and does not overwrite that either", async ({ world }) => {
    const actor = await world.actor({ role: "editor" });
    const editor = await editorOf(actor);
    const before = await editor.flows();
    const nodes = [{ id: "made", type: "comment", name: "made by a program", wires: [] }];
    await createFlow(gateway.deps, actor, { name: "From a program", nodes });
    expect((await editor.deploy(before.flows, before.rev)).status).toBe(409);
    await until("the pod has read it", async () => JSON.stringify(await editor.flows()).includes("made by a program"));
  });

  it("keeps credentials apart, encrypted with the seat's own key", async ({ world }) => {
    const [one, other] = [await world.actor({ role: "editor" }), await world.actor({ role: "editor" })];
    for (const actor of [one, other]) {
      const editor = await editorOf(actor);
      const { flows, rev } = await editor.flows();
      const node = {
        id: "h",
        type: "http request",
        url: "",
        credentials: { user: "u", password: "very secret" },
        wires: [[]],
      };
      expect((await editor.deploy([...flows, ...tab(node)], rev)).status).toBe(200);
    }
    const documents = await world.deps.db.flowDocument.findMany({
      where: { userId: { in: [one.userId, other.userId] } },
    });
    expect(JSON.stringify(documents)).not.toContain("very secret");
    expect(documents.every(({ credentials }) => JSON.stringify(credentials).includes('"$"'))).toBe(true);
  });

  it("shows what runs in the pod beside the runs of the engine", async ({ world }) => {
    const actor = await world.actor({ role: "editor" });
    const editor = await editorOf(actor);
    const nodes = tab(
      {
        id: "i",
        type: "inject",
        props: [{ p: "payload" }],
        payload: '{"n":1,"password":"hidden"}',
        payloadType: "json",
        wires: [["c"]],
      },
      {
        id: "c",
        type: "change",
        rules: [{ t: "set", p: "payload.n", pt: "msg", to: "2", tot: "num" }],
        wires: [["f"]],
      },
      { id: "f", type: "function", func: "throw new Error('no such order')", outputs: 1, libs: [], wires: [[]] },
    );
    await editor.deploy(nodes, (await editor.flows()).rev);
    await until("the node can be started", async () => (await editor.inject("i")).ok);
    const run = await until("the run is told of", () =>
      world.deps.db.run.findFirst({ where: { userId: actor.userId, kind: "flow" } }),
    );
    expect(run).toMatchObject({
      trigger: "pod",
      status: "failed",
      title: "Test",
      error: { message: expect.stringContaining("no such order") as unknown },
    });
    const steps = await world.deps.db.runStep.findMany({ where: { runId: run.id }, orderBy: { seq: "asc" } });
    expect(steps.map(({ nodeId, fromSeq, fromPort, status }) => [nodeId, fromSeq, fromPort, status])).toEqual([
      ["i", null, null, "done"],
      ["c", 1, 0, "done"],
      ["f", 2, 0, "failed"],
    ]);
    expect(JSON.stringify(steps)).not.toContain("hidden");
  });

  it("shows flows that took their pod down twice, and starts them when the person deploys", async ({ world }) => {
    const actor = await world.actor({ role: "editor" });
    const { workspaceId, userId } = actor;
    const dead = { driver: "memory", state: "failed" as const, version: "1", workspaceId, userId };
    for (const id of ["pod_dead1", "pod_dead2"])
      await world.deps.db.pod.create({ data: { id, ...dead, readyAt: new Date(), endedAt: new Date() } });
    const editor = await editorOf(actor);
    const { flows, rev } = await editor.flows();
    const state = async () => ((await (await editor.ask("/flows/state")).json()) as { state: string }).state;
    expect(await state()).toBe("safe");
    await editor.deploy([...flows, { id: "n", type: "tab", label: "New" }], rev);
    await until("they run", async () => (await state()) === "start");
  });

  it("brings debug messages over its socket", async ({ world }) => {
    const editor = await editorOf(await world.actor({ role: "editor" }));
    const nodes = tab(
      { id: "i", type: "inject", props: [{ p: "payload" }], payload: "42", payloadType: "num", wires: [["d"]] },
      { id: "d", type: "debug", active: true, tosidebar: true, complete: "payload", targetType: "msg", wires: [] },
    );
    await editor.deploy(nodes, (await editor.flows()).rev);
    const { socket, heard } = await editor.comms();
    socket.send(JSON.stringify({ subscribe: "debug" }));
    // The subscription and the start come on different connections: whichever is first, a message comes in the end.
    const said = await until("the message arrives", async () => {
      await editor.inject("i");
      return heard.find(({ topic }) => topic === "debug");
    });
    expect(said.data).toMatchObject({ id: "d", msg: "42" });
    socket.close();
  });
});

describe("who gets in", { timeout: 60_000 }, () => {
  it("asks people to sign in, and tells programs that they must", async () => {
    const page = await fetch(`${gateway.url}/flows/editor/?x=1`, {
      headers: { Accept: "text/html" },
      redirect: "manual",
    });
    expect(page.status).toBe(302);
    expect(page.headers.get("location")).toBe("/sign-in?next=%2Fflows%2Feditor%2F%3Fx%3D1");
    for (const path of ["/flows/editor/", "/flows/editor/flows", "/flows/http/x"]) {
      const response = await fetch(gateway.url + path);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ code: "auth.missing" });
    }
  });

  it("refuses a role that may not edit, without starting a pod", async ({ world }) => {
    const actor = await world.actor({ role: "viewer" });
    const editor = await editorOf(actor);
    expect((await editor.ask("/")).status).toBe(403);
    await expect(editor.comms()).rejects.toThrow("403");
    expect(await world.deps.db.pod.count({ where: { userId: actor.userId } })).toBe(0);
  });

  it("refuses sockets of other sites' pages", async ({ world }) => {
    const editor = await editorOf(await world.actor({ role: "editor" }));
    await editor.flows();
    await expect(editor.comms({ Origin: "https://evil.example" })).rejects.toThrow("403");
    const { socket } = await editor.comms({ Origin: gateway.url });
    socket.close();
  });

  it("closes open sockets when the pod is taken, and starts none for a socket alone", async ({ world }) => {
    const actor = await world.actor({ role: "editor" });
    const editor = await editorOf(actor);
    await editor.flows();
    const { socket } = await editor.comms();
    const closed = new Promise((done) => socket.once("close", done));
    const { id } = await world.deps.db.pod.findFirstOrThrow({ where: { userId: actor.userId, state: "claimed" } });
    await gateway.driver.delete(id, 0);
    await closed;
    await until(
      "the row knows",
      async () => (await world.deps.db.pod.findUnique({ where: { id } }))?.state === "failed",
    );
    await expect(editor.comms()).rejects.toThrow("503");
    await editor.flows(); // a page gets another one
  });

  it("ends sockets of a credential that was revoked", async ({ world }) => {
    const actor = await world.actor({ role: "editor" });
    const editor = await editorOf(actor);
    await editor.flows();
    const { socket } = await editor.comms();
    const closed = new Promise((done) => socket.once("close", done));
    await world.deps.sql.query(`UPDATE "ApiKey" SET "revokedAt" = now() WHERE "userId" = $1`, [actor.userId]);
    await closed;
  });

  it("gives a flow's pages neither credentials nor the gateway's origin", async ({ world }) => {
    const editor = await editorOf(await world.actor({ role: "editor" }));
    const nodes = tab(
      ENGINE_CANNOT,
      { id: "in", type: "http in", url: "/echo", method: "post", wires: [["fn"]] },
      {
        id: "fn",
        type: "function",
        func: "msg.payload = msg.req.headers; msg.headers = {'set-cookie': 'a=b', 'x-own': '1', 'access-control-allow-credentials': 'true'}; return msg;",
        outputs: 1,
        libs: [],
        wires: [["out"]],
      },
      { id: "out", type: "http response", wires: [] },
    );
    await editor.deploy(nodes, (await editor.flows()).rev);
    const sent = { ...editor.headers, Cookie: "osf-1.session=x", "X-OSF-Pod-Token": "forged", "X-Mine": "2" };
    const response = await until("the flow answers", async () => {
      const answer = await fetch(`${gateway.url}/flows/http/echo`, { method: "POST", headers: sent, body: "hello" });
      return answer.ok ? answer : null;
    });
    const got = (await response.json()) as Record<string, string>;
    expect(got).toMatchObject({ "x-mine": "2", "x-forwarded-for": expect.any(String) as unknown });
    for (const name of ["cookie", "authorization", "x-api-key", "x-osf-pod-token", "x-osf-peer"])
      expect(got[name]).toBeUndefined();
    expect(response.headers.get("x-own")).toBe("1");
    for (const name of ["set-cookie", "access-control-allow-credentials"])
      expect(response.headers.get(name)).toBeNull();
    expect(response.headers.get("content-security-policy")).toContain("sandbox");
    expect(response.headers.get("content-security-policy")).not.toContain("allow-same-origin");
  });
});

describe("files of the editor", { timeout: 60_000 }, () => {
  it("come compressed from the gateway, and are kept by browsers where their address names the version", async ({
    world,
  }) => {
    const editor = await editorOf(await world.actor({ role: "editor" }));
    const page = await (await editor.ask("/")).text();
    const scripts = [...page.matchAll(/(?:src|href)="([^"]+\?v=[^"]+)"/g)].map(([, at]) => at ?? "");
    expect(scripts.length).toBeGreaterThan(4);
    for (const at of scripts) {
      const response = await fetch(`${editor.base}/${at}`, { headers: { "Accept-Encoding": "br" } });
      expect(response.status, at).toBe(200);
      expect(response.headers.get("cache-control"), at).toContain("immutable");
      const bytes = (await response.arrayBuffer()).byteLength;
      if (bytes > 1_024) expect(response.headers.get("content-encoding"), at).toBe("br");
    }
  });

  it("are answered with 304 when nothing changed, and never leave their folder", async ({ world }) => {
    const editor = await editorOf(await world.actor({ role: "editor" }));
    const first = await editor.ask("/nodes", { headers: { Accept: "text/html" } });
    const again = await editor.ask("/nodes", {
      headers: { Accept: "text/html", "If-None-Match": first.headers.get("etag") ?? "" },
    });
    expect(again.status).toBe(304);
    for (const path of ["/red/..%2f..%2fpackage.json", "/debug/view/..%2f..%2f20-inject.js"])
      expect((await editor.ask(path)).status, path).toBe(404);
  });

  it("speak the person's language", async ({ world }) => {
    const editor = await editorOf(await world.actor({ role: "editor" }));
    const german = await (await editor.ask("/locales/editor?lng=de-AT")).text();
    const english = await (await editor.ask("/locales/editor?lng=xx")).text();
    expect(german).toContain("Abbrechen");
    expect(english).toContain("Cancel");
  });
});
