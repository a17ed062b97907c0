import OpenAI from "openai";
import { allSse, readSse } from "#tests/support/sse.ts";
import { expect, test } from "./product.ts";

const QUESTION = "Which machines are below 85 % OEE today?";
const bearer = (token: string) => ({ Authorization: `Bearer ${token}`, "Content-Type": "application/json" });
const ask = (url: string, token: string) =>
  fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: bearer(token),
    body: JSON.stringify({ message: QUESTION }),
  });

test("a program asks and reads the tool's call, its result, the answer and the end", async ({ product }) => {
  const response = await ask(product.url, await product.token("operator"));
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const events = await allSse(response);
  const types = events.map(({ event }) => event);
  expect(types[0]).toBe("session");
  expect(types.at(-1)).toBe("done");
  const start = events.find(({ event }) => event === "tool_start");
  expect(start?.data["name"]).toBe("fertigung.list_oee");
  expect(types.indexOf("tool_start")).toBeLessThan(types.indexOf("tool_result"));
  expect(types.indexOf("tool_result")).toBeLessThan(types.lastIndexOf("content"));

  // The answer is made from the very rows that the tool gave.
  const result = JSON.stringify(events.find(({ event }) => event === "tool_result")?.data["result"]);
  const rows = [
    ...result.matchAll(/"machine":"([^"]+)","oee_percent":([\d.]+)|"oee_percent":([\d.]+)[^}]*?"machine":"([^"]+)"/g),
  ].map((m) => ({ machine: m[1] ?? m[4] ?? "", oee: Number(m[2] ?? m[3]) }));
  const text = events
    .filter(({ event }) => event === "content")
    .map(({ data }) => data["text"])
    .join("");
  const below = rows.filter(({ oee }) => oee < 85);
  expect(below.length).toBeGreaterThan(0);
  for (const { machine } of below) expect(text).toContain(machine);
});

test("the openai client gets answers, whole and streamed", async ({ product }) => {
  const client = new OpenAI({ baseURL: `${product.url}/v1`, apiKey: await product.token("operator") });
  expect((await client.models.list()).data.map(({ id }) => id)).toContain("osf-free");
  const whole = await client.chat.completions.create({
    model: "osf-free",
    messages: [{ role: "user", content: QUESTION }],
  });
  expect(whole.choices[0]?.message.content).toContain("OEE");
  expect(whole.usage?.total_tokens).toBeGreaterThan(0);
  let streamed = "";
  for await (const chunk of await client.chat.completions.create({
    model: "osf-free",
    stream: true,
    messages: [{ role: "user", content: QUESTION }],
  }))
    streamed += chunk.choices[0]?.delta.content ?? "";
  expect(streamed).toContain("OEE");
  const own = await client.chat.completions.create({
    model: "osf-free",
    messages: [{ role: "user", content: "What is the weather in the city Ulm?" }],
    tools: [
      {
        type: "function",
        function: {
          name: "get_weather",
          description: "Weather of a city",
          parameters: {
            type: "object",
            properties: { city: { type: "string", description: "City" } },
            required: ["city"],
          },
        },
      },
    ],
  });
  expect(own.choices[0]?.finish_reason).toBe("tool_calls");
  await expect(
    client.chat.completions.create({ model: "nothing", messages: [{ role: "user", content: "x" }] }),
  ).rejects.toMatchObject({ status: 404 });
});

test("Last-Event-ID resumes a run's events exactly", async ({ product }) => {
  const token = await product.token("operator");
  const begun = await readSse(await ask(product.url, token)).next();
  const runId = String((begun.value as { data: Record<string, unknown> }).data["runId"]);
  const events = (headers: Record<string, string> = {}) =>
    fetch(`${product.url}/api/runs/${runId}/events`, { headers: { ...bearer(token), ...headers } }).then(allSse);
  const all = await events();
  expect(all.map(({ id }) => Number(id))).toEqual(all.map((_, i) => i + 1));
  for (const at of [1, Math.floor(all.length / 2), all.length - 1, all.length])
    expect(await events({ "Last-Event-ID": String(at) })).toEqual(all.slice(at));
  const page = await fetch(`${product.url}/api/runs/${runId}/events?after=2&limit=2`, {
    headers: { ...bearer(token), Accept: "application/json" },
  });
  expect(((await page.json()) as { items: { seq: number }[] }).items.map(({ seq }) => seq)).toEqual([3, 4]);
});

test("problems are problem documents over the wire too, and pages are not shadowed by the API", async ({ product }) => {
  const refused = await fetch(`${product.url}/api/runs`);
  expect(refused.status).toBe(401);
  expect(refused.headers.get("content-type")).toBe("application/problem+json");
  const token = await product.token("operator");
  const sent = (body: string) =>
    fetch(`${product.url}/chat/completions`, { method: "POST", headers: bearer(token), body });
  expect((await sent("{")).status).toBe(400);
  const unknown = await sent(JSON.stringify({ message: "x", colour: 1 }));
  expect(await unknown.json()).toMatchObject({ status: 400, code: "request.invalid", errors: [{ path: "colour" }] });
  expect((await fetch(`${product.url}/api/runs/run_unknown`, { headers: bearer(token) })).status).toBe(404);
  const page = await fetch(`${product.url}/chat`, { headers: { Accept: "text/html" }, redirect: "manual" });
  expect([302, 303, 307]).toContain(page.status);
  expect(
    (await fetch(`${product.url}/chat/sessions`, { headers: bearer(token) })).headers.get("content-type"),
  ).toContain("application/json");
  expect(await (await fetch(`${product.url}/health`)).json()).toMatchObject({ status: "ok", service: "osf-gateway" });
  expect(await (await fetch(`${product.url}/metrics`)).text()).toContain("osf_http_request_seconds");
});

test("a refresh token works once; its second use ends the whole sign-in", async ({ product }) => {
  const account = product.accounts().find(({ role }) => role === "operator");
  const post = (path: string, body: unknown, token?: string) =>
    fetch(`${product.url}${path}`, {
      method: "POST",
      headers: token ? bearer(token) : { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  const first = (await (await post("/auth/login", { email: account?.email, password: account?.password })).json()) as {
    refreshToken: string;
  };
  const second = (await (await post("/auth/refresh", { refreshToken: first.refreshToken })).json()) as {
    token: string;
    refreshToken: string;
  };
  expect((await fetch(`${product.url}/auth/me`, { headers: bearer(second.token) })).status).toBe(200);
  expect((await post("/auth/refresh", { refreshToken: first.refreshToken })).status).toBe(401);
  expect((await fetch(`${product.url}/auth/me`, { headers: bearer(second.token) })).status).toBe(401);
});
