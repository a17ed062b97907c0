import { setTimeout as pause } from "node:timers/promises";
import { startInstance, type Instance } from "../support/instance.ts";
import { ms, quantile } from "./quantile.ts";

const ROUNDS = 20;

interface Pod {
  id: string;
  state: string;
  memoryMb: number | null;
  userName: string | null;
}

/** The product's own API, as an administrator and as the person who opens an editor. */
async function connect(product: Instance) {
  const headers = { Authorization: `Bearer ${await product.token("admin")}`, "Content-Type": "application/json" };
  const editor = { Authorization: `Bearer ${await product.token("editor")}` };
  const ask = async <T>(path: string, init: RequestInit = {}) => {
    const response = await fetch(product.url + path, { headers, ...init });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T; // the API's own shapes
  };
  const pods = async () => (await ask<{ items: Pod[] }>("/admin/nr-pods")).items;
  return {
    pods,
    editor,
    scale: (size: number) => ask("/admin/nr-pods/pool/scale", { method: "POST", body: JSON.stringify({ size }) }),
    async warm(count: number) {
      while ((await pods()).filter(({ state }) => state === "warm").length !== count) await pause(50);
      await pause(300); // a start leaves work behind: caches, collections
    },
    async releaseClaimed() {
      for (const { id } of (await pods()).filter(({ state }) => state === "claimed"))
        await ask(`/admin/nr-pods/${id}/release`, { method: "POST", body: JSON.stringify({ force: true }) });
      while ((await pods()).some(({ state }) => state === "claimed" || state === "draining")) await pause(50);
    },
  };
}

/** From the click to the editor's page, milliseconds; as a program, which waits instead of being shown a progress page. */
async function open(product: Instance, headers: Record<string, string>): Promise<number> {
  const began = performance.now();
  const response = await fetch(`${product.url}/flows/editor/`, { headers });
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  await response.text();
  const page = performance.now() - began;
  const flows = await fetch(`${product.url}/flows/editor/flows`, { headers }); // the pod itself, with the seat's flows
  if (!flows.ok) throw new Error(`${flows.status}: ${await flows.text()}`);
  return page;
}

const line = (name: string, samples: number[]) =>
  console.log(
    `  ${name.padEnd(24)} p50 ${ms(quantile(samples, 0.5))}, p95 ${ms(quantile(samples, 0.95))}, worst ${ms(Math.max(...samples))}`,
  );

/** How long a person waits for the editor, from a warm pod and from none, and what a pod takes. */
export async function bench(rounds = ROUNDS): Promise<void> {
  const product = await startInstance({ env: { NR_WARM_POOL_SIZE: "1", API_RATE_LIMIT: "1000000" } });
  try {
    const { pods, editor, scale, warm, releaseClaimed } = await connect(product);
    const samples = { warm: [] as number[], cold: [] as number[] };
    await warm(1);
    await open(product, editor); // the first compresses the page
    const memory: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await releaseClaimed();
      await scale(1);
      await warm(1);
      samples.warm.push(await open(product, editor));
      await pause(5_500); // the driver's next look at memory
      memory.push(
        ...(await pods()).flatMap(({ state, memoryMb }) => (state === "claimed" && memoryMb ? [memoryMb] : [])),
      );
      await releaseClaimed();
      await scale(0);
      await warm(0);
      samples.cold.push(await open(product, editor));
    }
    console.log(`Editor, from the request to its page (200), ${rounds} alternating rounds`);
    line("from a warm pod", samples.warm);
    line("from none", samples.cold);
    console.log(`  memory of a pod in use  p50 ${quantile(memory, 0.5)} MB, most ${Math.max(...memory)} MB (resident)`);
  } finally {
    await product.remove();
  }
}
