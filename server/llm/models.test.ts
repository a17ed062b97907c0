import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createLog } from "../kernel/log.ts";
import { createModels, type ModelCall } from "./models.ts";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A client of the model server that answers so, and what is logged meanwhile. */
async function client(answer: RequestListener) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  ends.push(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise((listening) => server.once("listening", listening));
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  const lines: string[] = [];
  const free = { url: `http://127.0.0.1:${port}/v1`, model: "m", demo: false, apiKey: "sk-of-the-company" };
  const models = createModels({
    settings: {
      models: { free, premium: { model: "none", demo: false } },
      llmMaxConcurrency: 1,
      llmMaxQueueDepth: 1,
    },
    log: createLog("test", "trace", { write: (line) => void lines.push(line) }),
    onChange: () => undefined,
  });
  const ask = async (call: Partial<ModelCall> = {}) => {
    const messages = [{ role: "user" as const, text: "the secret recipe" }];
    const signal = new AbortController().signal;
    const stream = models.stream({ tier: "free", workspaceId: "w", messages, tools: [], signal, ...call });
    const texts: string[] = [];
    for await (const event of stream) if (event.type === "text") texts.push(event.text);
    return texts.join("");
  };
  return { ask, models, logged: () => lines.join("") };
}
const refusal = (message: string) => JSON.stringify({ error: { message, type: "x", param: null, code: null } });
const piece = (content: string, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 0, model: "m", choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;

describe("a model server that fails", () => {
  it("with the key in its words does not make it known", async () => {
    const { ask } = await client((_request, response) =>
      response.writeHead(401, { "Content-Type": "application/json" }).end(refusal("Unknown key sk-of-the-company")),
    );
    const failure = await ask().catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ code: "model.refused" });
    expect((failure as Error).message).toMatch(/refuses the API key$/);
  });

  it("leaves the conversation out of the log, and out of the error that is logged later", async () => {
    const { ask, logged } = await client((_request, response) => response.writeHead(500).end("broken"));
    const failure = await ask().catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ code: "model.failed" });
    const later: string[] = [];
    createLog("test", "trace", { write: (line) => void later.push(line) }).warn({ err: failure }, "run failed");
    expect(logged()).toContain("trying again");
    expect(logged() + later.join("")).not.toContain("recipe");
  });

  it("in the middle of an answer says that it had begun", async () => {
    const { ask } = await client((_request, response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.write(piece("half"), () => response.destroy());
    });
    await expect(ask()).rejects.toMatchObject({ code: "model.interrupted" });
  });
});

it("is told the id of the request that it works for", async () => {
  let told: string | undefined;
  const { ask } = await client((request, response) => {
    told = request.headers["x-request-id"] as string | undefined; // sent once
    response.writeHead(200, { "Content-Type": "text/event-stream" }).end(`${piece("yes", "stop")}data: [DONE]\n\n`);
  });
  expect(await ask({ requestId: "caller-00001" })).toBe("yes");
  expect(told).toBe("caller-00001");
});
