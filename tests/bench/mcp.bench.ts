import { fork, spawn, type ChildProcess } from "node:child_process";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { descendants, freePort, residentMb, startInstance, type Instance } from "../support/instance.ts";
import { cpuMs, openCaller, type Way } from "./mcp-client.ts";
import { ms, quantile } from "./quantile.ts";

const ROUNDS = 5;
const ONE_BY_ONE = 500;
const AT_ONCE = 32;
const CALLS = 4_000;
const LONG = 100_000;
/** Fetched by npx when the bench is run. */
const MCP_PROXY = "mcp-proxy@6.7.19";
const ECHO = path.join(import.meta.dirname, "echo-upstream.ts");

interface Sample {
  one: number[];
  many: number[];
  perSecond: number;
  cpuPerCall: number;
}

async function measure(way: Way): Promise<Sample> {
  const single = openCaller(way, 1);
  const one: number[] = [];
  for (let i = 0; i < ONE_BY_ONE; i++) {
    const began = performance.now();
    await single.call();
    one.push(performance.now() - began);
  }
  await single.close();
  const { durations, wallMs, cpu } = await storm(way, CALLS);
  return { one, many: durations, perSecond: (CALLS / wallMs) * 1_000, cpuPerCall: cpu / CALLS };
}

/** So many calls, 32 at a time. */
async function storm(way: Way, calls: number): Promise<{ durations: number[]; wallMs: number; cpu: number }> {
  const { call, close } = openCaller(way, AT_ONCE);
  const durations: number[] = [];
  let left = calls;
  const cpu = cpuMs(way.pid);
  const began = performance.now();
  const lane = async () => {
    while (left-- > 0) {
      const sent = performance.now();
      await call();
      durations.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  const wallMs = performance.now() - began;
  await pause(200); // what is written behind the calls costs as well
  const used = cpuMs(way.pid) - cpu;
  await close();
  return { durations, wallMs, cpu: used };
}

async function startEcho(): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(ECHO, ["http"], { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  const port = await new Promise<string>((resolve) =>
    child.stdout?.once("data", (line: Buffer) => resolve(line.toString())),
  );
  return { child, url: `http://127.0.0.1:${port.trim()}/mcp` };
}

interface Started {
  child: ChildProcess;
  way: Way;
}

/** mcp-proxy: by its command line in front of the tool over stdio, and by its functions in front of the same upstream. */
const startProxies = async (upstream: string): Promise<Started[]> => {
  const node = process.execPath;
  const program = path.join(import.meta.dirname, "mcp-proxy-program.ts");
  const stdio = [node, ECHO, "stdio"];
  return [
    await startProxy("stdio", (port) =>
      ["-y", MCP_PROXY, "--port", port, "--upstreamProtocol", "modern", "--server", "stream", "--"].concat(stdio),
    ),
    await startProxy("HTTP", (port) => ["-y", "-p", MCP_PROXY, "-c", `${node} ${program} ${upstream} ${port}`]),
  ];
};

async function startProxy(name: string, args: (port: string) => string[]): Promise<Started> {
  const port = await freePort();
  const child = spawn("npx", args(String(port)), { stdio: "ignore", detached: true });
  const url = `http://127.0.0.1:${port}/mcp`;
  for (const until = Date.now() + 60_000; ; await pause(250)) {
    const up = await fetch(url, { method: "POST", body: "{}" }).then(
      () => true,
      () => false,
    );
    if (up) break;
    if (child.exitCode !== null || Date.now() > until) throw new Error(`${MCP_PROXY} (${name}) does not start`);
  }
  // beside it there are npx, a shell, and the tool itself
  const own = descendants(child.pid ?? -1).find(({ command }) => /^\S*node\S* \S*mcp-proxy/.test(command));
  if (!own) throw new Error(`the process of ${MCP_PROXY} is not found`);
  return { child, way: { name: `${MCP_PROXY} (${name})`, url, headers: {}, pid: own.pid } };
}

const keyOf = async (product: Instance): Promise<string> => {
  const response = await fetch(`${product.url}/auth/api-keys`, {
    method: "POST",
    headers: { Authorization: `Bearer ${await product.token("operator")}`, "Content-Type": "application/json" },
    body: JSON.stringify({ name: "bench", scopes: [] }),
  });
  if (!response.ok) throw new Error(`no API key: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { key: string }).key;
};

/**
 * What a call of a tool costs: directly, through the gateway with everything on (API key, pins, limits, signed identity,
 * audit, metrics), and through mcp-proxy, which forwards and no more. Rounds alternate.
 */
export async function bench(rounds = ROUNDS): Promise<void> {
  const echo = await startEcho();
  const servers = {
    servers: [
      {
        name: "echo",
        title: "Echo",
        url: echo.url,
        policy: {
          concurrency: 256,
          rate: { requestsPerMinute: 1_000_000, burst: 10_000, queue: 1_000, queueMs: 5_000 },
          callerRate: { requestsPerMinute: 1_000_000, burst: 10_000 },
        },
      },
    ],
  };
  const product = await startInstance({
    env: { MCP_SERVERS: JSON.stringify(servers), API_RATE_LIMIT: "10000000", OSF_DEMO: "1" },
  });
  const proxies = await startProxies(echo.url);
  try {
    const gateway: Way = {
      name: "gateway, /mcp/servers/echo",
      url: `${product.url}/mcp/servers/echo`,
      headers: { "x-api-key": await keyOf(product) },
      pid: product.pids("web")[0] ?? -1,
    };
    const direct: Way = { name: "direct", url: echo.url, headers: {}, pid: echo.child.pid ?? -1 };
    const ways = [direct, gateway, ...proxies.map(({ way }) => way)];
    for (const way of ways) await measure(way); // warm
    const samples = new Map<Way, Sample[]>(ways.map((way) => [way, []]));
    for (let round = 0; round < rounds; round++) for (const way of ways) samples.get(way)?.push(await measure(way));
    report(direct, samples, rounds);
    await memory(gateway);
  } finally {
    for (const { child } of proxies) if (child.pid) process.kill(-child.pid, "SIGTERM");
    await product.remove();
    echo.child.kill();
  }
}

function report(direct: Way, samples: Map<Way, Sample[]>, rounds: number): void {
  const all = (way: Way, of: "one" | "many") => (samples.get(way) ?? []).flatMap((sample) => sample[of]);
  const median = (way: Way, of: "perSecond" | "cpuPerCall") =>
    quantile(
      (samples.get(way) ?? []).map((sample) => sample[of]),
      0.5,
    );
  const base = quantile(all(direct, "one"), 0.5);
  console.log(
    `A call of one tool: ${rounds} alternating rounds, ${ONE_BY_ONE} one by one and ${CALLS} with ${AT_ONCE} callers`,
  );
  for (const way of samples.keys()) {
    const [one, many] = [all(way, "one"), all(way, "many")];
    const ratio = (quantile(one, 0.5) / base).toFixed(2);
    console.log(
      `  ${way.name.padEnd(28)} one by one p50 ${ms(quantile(one, 0.5))} p95 ${ms(quantile(one, 0.95))} (${ratio} × direct)` +
        `   ${AT_ONCE} callers: ${median(way, "perSecond").toFixed(0)}/s, p50 ${ms(quantile(many, 0.5))} p95 ${ms(quantile(many, 0.95))}` +
        `   ${median(way, "cpuPerCall").toFixed(2)} CPU-ms a call${way === direct ? " (of the upstream itself)" : ""}`,
    );
  }
}

async function memory(way: Way): Promise<void> {
  const line = [residentMb(way.pid)];
  for (let done = 0; done < LONG; done += LONG / 10) {
    await storm(way, LONG / 10);
    line.push(residentMb(way.pid));
  }
  console.log(`  memory of web over ${LONG} calls, MB: ${line.map((mb) => mb.toFixed(0)).join(" ")}`);
}
