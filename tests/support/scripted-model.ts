import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";

const Request = z.looseObject({
  model: z.string(),
  stream: z.literal(true),
  messages: z
    .array(
      z.looseObject({
        role: z.string(),
        content: z.unknown(),
        tool_calls: z.array(z.looseObject({ id: z.string() })).optional(),
        tool_call_id: z.string().optional(),
      }),
    )
    .min(1),
  tools: z
    .array(
      z.looseObject({
        type: z.literal("function"),
        function: z.looseObject({ name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/) }),
      }),
    )
    .optional(),
});
export type ModelRequest = z.infer<typeof Request>;

/** What the model answers: pieces of text (a number pauses that many milliseconds, a promise until it settles), then tool calls. */
export interface Scripted {
  text?: (string | number | Promise<void>)[];
  calls?: { name: string; args: Record<string, unknown> }[];
}

/**
 * A model server over HTTP whose answers a test decides: streams `chat.completion.chunk`s as the original does, and
 * refuses, as the original does, a history in which a tool call has no answer.
 */
export async function startScriptedModel(script: (request: ModelRequest, call: number) => Scripted, at = 0) {
  const requests: ModelRequest[] = [];
  const server = createServer(async (incoming, response) => {
    if (incoming.url === "/v1/models")
      return void response.writeHead(200, { "Content-Type": "application/json" }).end(`{"object":"list","data":[]}`);
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer); // a request without encoding gives buffers
    const parsed = Request.safeParse(JSON.parse(Buffer.concat(chunks).toString()));
    if (!parsed.success) return refuse(response, parsed.error.message);
    const open = unanswered(parsed.data);
    if (open)
      return refuse(
        response,
        `An assistant message with 'tool_calls' must be followed by tool messages; no answer to ${open}`,
      );
    requests.push(parsed.data);
    await answer(response, script(parsed.data, requests.length), requests.length);
  });
  await new Promise<void>((listening) => server.listen(at, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    async stop() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function refuse(response: ServerResponse, message: string): void {
  response
    .writeHead(400, { "Content-Type": "application/json" })
    .end(JSON.stringify({ error: { message, type: "invalid_request_error", param: null, code: null } }));
}

function unanswered({ messages }: ModelRequest): string | undefined {
  const answered = new Set(messages.map((message) => message.tool_call_id));
  return messages.flatMap((message) => message.tool_calls ?? []).find(({ id }) => !answered.has(id))?.id;
}

async function answer(response: ServerResponse, { text = [], calls = [] }: Scripted, n: number): Promise<void> {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  const send = (delta: unknown, finish: string | null = null) =>
    response.write(
      `data: ${JSON.stringify({ id: `c${n}`, object: "chat.completion.chunk", created: 0, model: "scripted", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`,
    );
  send({ role: "assistant", content: "" });
  for (const piece of text) {
    if (typeof piece === "string") send({ content: piece });
    else await (typeof piece === "number" ? pause(piece) : piece);
    if (response.destroyed) return;
  }
  calls.forEach(({ name, args }, index) =>
    send({
      tool_calls: [
        { index, id: `call_${index}`, type: "function", function: { name, arguments: JSON.stringify(args) } },
      ],
    }),
  );
  send({}, calls.length > 0 ? "tool_calls" : "stop");
  response.write(
    `data: ${JSON.stringify({ id: `c${n}`, object: "chat.completion.chunk", created: 0, model: "scripted", choices: [], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } })}\n\n`,
  );
  response.end("data: [DONE]\n\n");
}
