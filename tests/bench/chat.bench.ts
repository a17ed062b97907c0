import { residentMb, startInstance, type Instance } from "../support/instance.ts";
import { startScriptedModel } from "../support/scripted-model.ts";
import { ms, quantile } from "./quantile.ts";

const ROUNDS = 10;
const CALLS = 20;
const STREAMS = 500;

/** Time until the first piece of text, in milliseconds; the rest is read to the end. */
async function firstToken(url: string, headers: Record<string, string>, body: unknown): Promise<number> {
  const began = performance.now();
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok || !response.body) throw new Error(`${response.status}: ${await response.text()}`);
  const decoder = new TextDecoder();
  let text = "";
  let first = Number.NaN;
  for await (const chunk of response.body) {
    text += decoder.decode(chunk as Uint8Array, { stream: true }); // fetch gives bytes
    if (Number.isNaN(first) && text.includes("hello")) first = performance.now() - began;
  }
  return first;
}

async function measureFirstToken(product: Instance, modelUrl: string, rounds: number): Promise<void> {
  const headers = { Authorization: `Bearer ${await product.token("operator")}` };
  const messages = [{ role: "user", content: "Say hello" }];
  const ways = {
    "model server, called directly": () =>
      firstToken(`${modelUrl}/chat/completions`, {}, { model: "scripted", stream: true, messages }),
    "gateway, /v1/chat/completions": () =>
      firstToken(`${product.url}/v1/chat/completions`, headers, { model: "osf-free", stream: true, messages }),
    "gateway, /chat/completions": () =>
      firstToken(`${product.url}/chat/completions`, headers, { message: "Say hello" }),
  };
  const samples = new Map(Object.keys(ways).map((name) => [name, [] as number[]]));
  for (const way of Object.values(ways)) for (let i = 0; i < CALLS; i++) await way(); // warm
  for (let round = 0; round < rounds; round++)
    for (const [name, way] of Object.entries(ways))
      for (let i = 0; i < CALLS; i++) samples.get(name)?.push(await way());

  const direct = samples.get("model server, called directly") ?? [];
  console.log(`Time to first token, ${rounds} alternating rounds of ${CALLS}`);
  for (const [name, all] of samples) {
    const added =
      all === direct
        ? ""
        : `   added p50 ${ms(quantile(all, 0.5) - quantile(direct, 0.5))}, p95 ${ms(quantile(all, 0.95) - quantile(direct, 0.95))}`;
    console.log(`  ${name.padEnd(32)} p50 ${ms(quantile(all, 0.5))}, p95 ${ms(quantile(all, 0.95))}${added}`);
  }
}

async function measureStreams(product: Instance, release: () => void): Promise<void> {
  const headers = { Authorization: `Bearer ${await product.token("operator")}`, "Content-Type": "application/json" };
  const sent = await fetch(`${product.url}/chat/sessions`, {
    method: "POST",
    headers,
    body: JSON.stringify({ message: "wait" }),
  });
  const { runId } = (await sent.json()) as { runId: string };
  const [web = 0] = product.pids("web");
  const before = residentMb(web);
  const responses: Response[] = [];
  const began = performance.now();
  for (let i = 0; i < STREAMS; i += 50)
    responses.push(
      ...(await Promise.all(
        Array.from({ length: 50 }, () => fetch(`${product.url}/api/runs/${runId}/events`, { headers })),
      )),
    );
  const opened = performance.now() - began;
  const after = residentMb(web);
  const refused = responses.filter(({ ok }) => !ok).length;
  const released = performance.now();
  const ends = responses.map(async (response) => {
    const text = await response.text();
    return { done: text.includes("event: done"), at: performance.now() - released };
  });
  release();
  const all = await Promise.all(ends);
  const late = all.map(({ at }) => at);
  console.log(`${STREAMS} open event streams on one run: opened in ${ms(opened)}, ${refused} refused`);
  console.log(
    `  memory of web ${before.toFixed(0)} → ${after.toFixed(0)} MB (${(((after - before) * 1024) / STREAMS).toFixed(1)} kB a stream)`,
  );
  console.log(
    `  ${all.filter(({ done }) => done).length} saw the end; p50 ${ms(quantile(late, 0.5))}, p95 ${ms(quantile(late, 0.95))} after the model went on`,
  );
}

/** Added time to the first token against the model server itself, and what open event streams cost. */
export async function bench(rounds = ROUNDS): Promise<void> {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((open) => (release = open));
  const model = await startScriptedModel(({ messages }) =>
    JSON.stringify(messages.at(-1)).includes("wait") ? { text: ["a ", gate, "b"] } : { text: ["hello ", "there"] },
  );
  const product = await startInstance({ env: { LLM_URL_FREE: model.url, API_RATE_LIMIT: "1000000" } });
  try {
    await measureFirstToken(product, model.url, rounds);
    await measureStreams(product, release);
  } finally {
    await product.remove();
    await model.stop();
  }
}
