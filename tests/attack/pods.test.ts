import { createHmac } from "node:crypto";
import { describe, expect } from "vitest";
import { newId } from "#server/kernel/ids.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { seatKey } from "#server/pods/deps.ts";
import { createPodTokens } from "#server/pods/tokens.ts";
import { editorClient } from "#tests/support/editor-client.ts";
import { startPodGateway, type PodGateway } from "#tests/support/pod-gateway.ts";
import { until } from "#tests/support/until.ts";
import { it } from "#tests/support/world.ts";

/** What a function node of a pod does when its author is an enemy: it has the whole process, and no more than that. */
const OWN = `
  const realm = Buffer.constructor.constructor('return globalThis')();
  const { process } = realm;
  const load = (name) => process.getBuiltinModule('node:' + name);
  const tried = async (work) => { try { return { got: await work() }; } catch (e) { return { refused: e.code || e.message }; } };
`;

let gateway: PodGateway;
let enemy: Actor;
let victim: Actor;
let attack: ReturnType<typeof editorClient>;
let victimPod: { id: string; address: string };
it.beforeAll(async ({ world }) => {
  gateway = await startPodGateway(world, { warm: 0, limit: 5 });
  enemy = await world.actor({ role: "editor" });
  victim = await world.actor({ role: "admin", owner: true });
  attack = editorClient(gateway.url, await gateway.headersFor(enemy));
  const theirs = editorClient(gateway.url, await gateway.headersFor(victim));
  const { flows, rev } = await theirs.flows();
  await theirs.deploy([...flows, { id: "v", type: "tab", label: "secret of the victim" }], rev);
  const pod = await world.deps.db.pod.findFirstOrThrow({ where: { userId: victim.userId, state: "claimed" } });
  victimPod = { id: pod.id, address: pod.address ?? "" };
  await attack.flows();
}, 90_000);
it.afterAll(() => gateway.close(), 60_000);

const run = (code: string) =>
  attack.run(OWN + code, 30_000) as Promise<Record<string, { got?: unknown; refused?: string }>>;
const refusedAll = (result: Record<string, { got?: unknown; refused?: string }>) => {
  for (const [name, { got, refused }] of Object.entries(result)) {
    expect(got, name).toBeUndefined();
    expect(refused, name).toMatch(/^(ERR_ACCESS_DENIED|ERR_DLOPEN_DISABLED|EACCES|EPERM)$/);
  }
};

describe("code in a pod", { timeout: 60_000 }, () => {
  it("has the process, and finds no secret in its environment and arguments", async () => {
    const found = (await run(
      `return { env: { got: process.env }, argv: { got: [...process.argv, ...process.execArgv] } };`,
    )) as {
      env: { got: Record<string, string> };
      argv: { got: string[] };
    };
    expect(Object.keys(found.env.got).toSorted()).toEqual(["HOME", "NODE_ENV", "TMPDIR", "TZ"]);
    const text = JSON.stringify(found);
    for (const secret of [gateway.deps.settings.jwtSecret, gateway.deps.settings.databaseUrl, "osfp_"])
      expect(text).not.toContain(secret);
  });

  it("starts no program, no thread, no native module, no inspector", async () => {
    refusedAll(
      await run(`return {
        program: await tried(() => load('child_process').execFileSync('id').toString()),
        shell: await tried(() => load('child_process').spawnSync('sh', ['-c', 'id']).stdout.toString()),
        thread: await tried(() => new Promise((ok, no) => { const w = new (load('worker_threads').Worker)('1', { eval: true }); w.once('online', () => ok('ran')); w.once('error', no); })),
        binding: await tried(() => process.binding('spawn_sync')),
        native: await tried(() => process.dlopen({ exports: {} }, '/tmp/x.node')),
        inspector: await tried(() => { load('inspector').open(0); return load('inspector').url(); }),
      };`),
    );
  });

  it("reads no file of the gateway, of other pods, of other processes", async () => {
    const files = {
      data: gateway.dataDir,
      states: `${gateway.dataDir}/pods`,
      state: `${gateway.dataDir}/pods/${victimPod.id}/state.json`,
      log: `${gateway.dataDir}/pods/logs/${victimPod.id}.log`,
      passwd: "/etc/passwd",
      sources: `${process.cwd()}/server/main.ts`,
      git: `${process.cwd()}/.git/config`,
      gatewayEnvironment: `/proc/${process.pid}/environ`,
      gatewayMemory: `/proc/${process.pid}/maps`,
      root: "/",
      proc: "/proc",
    };
    const home = (await run(`return { home: { got: process.env.HOME } };`)).home?.got as string; // just read above
    const victimHome = home.replace(/[^/]+$/, victimPod.id);
    const result = await run(`
      const fs = load('fs'); const files = ${JSON.stringify({ ...files, victimHome })}; const out = {};
      for (const [name, at] of Object.entries(files)) out[name] = await tried(() => fs.statSync(at).isDirectory() ? fs.readdirSync(at) : fs.readFileSync(at, 'latin1').slice(0, 50));
      out.link = await tried(() => { fs.symlinkSync('/etc/passwd', process.env.HOME + '/link'); return fs.readFileSync(process.env.HOME + '/link', 'latin1'); });
      return out;`);
    refusedAll(result);
  });

  it("writes nothing that another pod would execute", async () => {
    refusedAll(
      await run(`
        const fs = load('fs'); const project = ${JSON.stringify(process.cwd())}; const out = {};
        const cache = process.execArgv.map((flag) => /--allow-fs-write=(.+)/.exec(flag)?.[1]).filter((at) => at && at !== process.env.HOME);
        for (const [name, at] of Object.entries({ program: project + '/nodered-nodes/osf-pod/index.js', library: project + '/node_modules/node-red/package.json', tmp: '/tmp/pod-was-here' }))
          out[name] = await tried(() => { fs.appendFileSync(at, ''); return at; });
        for (const at of cache) out['cache ' + at] = await tried(() => { fs.writeFileSync(at + '/evil', 'x'); return at; });
        return out;`),
    );
  });

  it.runIf(process.getuid?.() === 0)("cannot signal the gateway or another pod", async () => {
    const { pid } = JSON.parse(
      await import("node:fs/promises").then((fs) =>
        fs.readFile(`${gateway.dataDir}/pods/${victimPod.id}/state.json`, "utf8"),
      ),
    ) as { pid: number }; // the driver's own file
    const result = await run(`return {
      gateway: await tried(() => process.kill(${process.pid}, 'SIGUSR1')),
      victim: await tried(() => process.kill(${pid}, 'SIGUSR1')),
      kill: await tried(() => process.kill(${pid}, 'SIGKILL')),
    };`);
    for (const one of Object.values(result)) expect(one).toEqual({ refused: "EPERM" });
  });

  it("is refused by another pod, whatever token it makes or was given for its own", async ({ world }) => {
    const own = await world.deps.db.pod.findFirstOrThrow({ where: { userId: enemy.userId, state: "claimed" } });
    const tokens = createPodTokens(gateway.deps.settings.jwtSecret);
    const claims = { aud: victimPod.id, act: "use", seat: seatKey(victim), exp: Date.now() / 1_000 + 600 };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const hmac = `${part({ alg: "HS256" })}.${part(claims)}`;
    const forged = {
      nothing: "",
      own: tokens.use(own.id, enemy),
      ownControl: tokens.control(own.id),
      ownForVictim: tokens.use(own.id, victim),
      enemyForVictimPod: tokens.use(victimPod.id, enemy),
      unsigned: `${part({ alg: "none" })}.${part(claims)}.`,
      publicKeyAsSecret: `${hmac}.${createHmac("sha256", tokens.publicKey).update(hmac).digest("base64url")}`,
      otherKey: createPodTokens("another secret that is long enough").use(victimPod.id, victim),
      old: createPodTokens(gateway.deps.settings.jwtSecret, () => Date.now() - 3_600_000).use(victimPod.id, victim),
    };
    const result = (await run(`
      const out = {};
      for (const [name, token] of Object.entries(${JSON.stringify(forged)}))
        for (const path of ['/flows/editor/flows', '/flows/editor/', '/flows/http/x', '/_pod/health', '/_pod/reload'])
          out[name + ' ' + path] = { got: (await realm.fetch('http://${victimPod.address}' + path, { method: path.endsWith('reload') ? 'POST' : 'GET', headers: { 'x-osf-pod-token': token } })).status };
      return out;`)) as Record<string, { got: number }>;
    for (const [name, { got }] of Object.entries(result)) expect(got, name).toBe(401);
    // The very same request with the right token is answered: what refused was the token.
    const right = { "x-osf-pod-token": tokens.use(victimPod.id, victim) };
    expect((await fetch(`http://${victimPod.address}/flows/editor/flows`, { headers: right })).status).toBe(200);
  });

  it("changes nothing of what browsers execute, though it answers every request of its pod", async () => {
    await run(`
      const { Server } = load('http'); const emit = Server.prototype.emit;
      realm.__restore = () => { Server.prototype.emit = emit; };
      Server.prototype.emit = function (name, request, response) {
        if (name !== 'request' || request.url.startsWith('/_pod/') || request.url.includes('/context/')) return emit.apply(this, arguments);
        response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'session=stolen; Path=/', 'content-security-policy': "script-src *" });
        response.end('<script>evil()</script>');
        return true;
      };
      return {};`);
    try {
      for (const path of [
        "/",
        "/nodes",
        "/plugins",
        "/settings",
        "/theme",
        "/locales/editor?lng=de",
        "/red/red.min.js",
        "/debug/view/view.html",
      ]) {
        const response = await attack.ask(path, { headers: { Accept: "text/html" } });
        expect(await response.text(), path).not.toContain("evil()");
        expect(response.headers.get("set-cookie"), path).toBeNull();
      }
      const data = await attack.ask("/flows", { headers: { Accept: "text/html" } });
      expect(await data.text()).toContain("evil()");
      expect(data.headers.get("content-type")).toBe("application/octet-stream");
      expect(data.headers.get("content-security-policy")).toContain("sandbox; default-src 'none'");
      expect(data.headers.get("set-cookie")).toBeNull();
    } finally {
      const { id } = await gateway.deps.db.pod.findFirstOrThrow({ where: { userId: enemy.userId, state: "claimed" } });
      await gateway.driver.delete(id, 0); // it serves nobody any more
    }
  });
});

describe("the token that a pod holds", { timeout: 60_000 }, () => {
  /** Taken as the pod's own code can: from its next request to the gateway. */
  const steal = async () =>
    ((
      await run(`
      const real = realm.fetch;
      const token = await new Promise((ok) => { realm.fetch = (at, init) => { if (init?.headers?.authorization) ok(init.headers.authorization); return real(at, init); }; global.set('x' + Date.now(), 1); });
      realm.fetch = real;
      return { token: { got: token } };`)
    ).token?.got ?? "") as string; // as the code above answers it
  let authorization: string;
  it.beforeAll(async () => {
    // The pod of the test before is gone; until that is known, requests to it are answered with 503.
    await until("there is another pod", () => attack.flows().catch(() => null), 30_000);
    authorization = await steal();
  }, 60_000);
  const ask = (path: string, method = "GET", body?: unknown) =>
    fetch(gateway.url + path, {
      method,
      headers: { Authorization: authorization, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  it("shows its own seat's document and no other, whatever it says of itself", async () => {
    expect(authorization).toMatch(/^Bearer osfp_/);
    for (const path of [
      "/internal/flows",
      `/internal/flows?userId=${victim.userId}&workspaceId=${victim.workspaceId}`,
    ]) {
      const text = await (await ask(path)).text();
      expect(text).not.toContain("secret of the victim");
    }
  });

  it("finds nothing of other workspaces", async ({ world }) => {
    const flow = await world.deps.db.flow.findFirstOrThrow({ where: { ownerId: victim.userId } });
    expect((await ask(`/internal/flows/${flow.id}/run`, "POST", { payload: 1 })).status).toBe(404);
    const approval = await world.deps.db.approval.create({
      data: {
        id: newId("apr"),
        workspaceId: victim.workspaceId,
        starterId: victim.userId,
        kind: "question",
        title: "t",
        question: "q",
        detail: {},
        options: [],
        form: [],
      },
    });
    expect((await ask(`/internal/approvals/${approval.id}`)).status).toBe(404);
    expect(await (await ask("/internal/flows/list")).text()).not.toContain(flow.id);
  });

  it("is good for nothing but /internal", async () => {
    for (const path of [
      "/api/runs",
      "/api/workflows",
      "/auth/me",
      "/admin/nr-pods",
      "/flows/editor/",
      "/flows/http/x",
      "/chat/sessions",
    ]) {
      const response = await ask(path);
      expect(response.status, path).toBe(401);
      expect((await fetch(gateway.url + path, { headers: { "X-API-Key": authorization.slice(7) } })).status, path).toBe(
        401,
      );
    }
  });

  it("does not write where its role may not, and cannot reach tools that change the plant", async ({ world }) => {
    await world.deps.sql.query(`UPDATE "Membership" SET role = 'viewer' WHERE "userId" = $1`, [enemy.userId]);
    try {
      expect((await ask("/internal/flows", "PUT", { nodes: [], revision: 1 })).status).toBe(403);
      expect((await ask("/internal/flows")).status).toBe(403);
    } finally {
      await world.deps.sql.query(`UPDATE "Membership" SET role = 'editor' WHERE "userId" = $1`, [enemy.userId]);
    }
  });

  it("ends with the pod", async ({ world }) => {
    const { id } = await world.deps.db.pod.findFirstOrThrow({ where: { userId: enemy.userId, state: "claimed" } });
    expect((await ask("/internal/flows")).status).toBe(200);
    await world.deps.sql.query(`UPDATE "Pod" SET state = 'terminated', seat = NULL WHERE id = $1`, [id]);
    expect((await ask("/internal/flows")).status).toBe(401);
  });

  it("is given once, for the secret of a pod that is starting", async () => {
    for (const body of [
      { id: victimPod.id, secret: "x".repeat(64) },
      { id: "pod_unknown", secret: "x".repeat(64) },
    ])
      expect((await ask("/internal/exchange", "POST", body)).status).toBe(401);
    const { podSecretOf } = await import("#server/pods/tokens.ts");
    const secret = podSecretOf(gateway.deps.settings.jwtSecret, victimPod.id);
    expect((await ask("/internal/exchange", "POST", { id: victimPod.id, secret })).status).toBe(401);
  });
});
