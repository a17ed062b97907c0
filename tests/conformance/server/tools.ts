import { setTimeout as sleep } from "node:timers/promises";
import {
  CLIENT_CAPABILITIES_META_KEY,
  fromJsonSchema,
  inputRequired,
  type CallToolResult,
  type InputRequests,
  type McpServer,
  type RequestStateCodec,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { QUESTIONS } from "./questions.ts";

/** A picture of one pixel and a sound of no length, base64. */
export const PICTURE =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const SOUND = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=";

const say = (text: string): CallToolResult => ({ content: [{ type: "text", text }] });
const answers = (ctx: ServerContext): Record<string, unknown> =>
  (ctx.mcpReq.inputResponses as Record<string, unknown> | undefined) ?? {}; // by key, as they came
/** Capabilities of the caller: those of the request, or of the session in the 2025 revisions. */
const declaredBy = (server: McpServer, ctx: ServerContext): Record<string, unknown> => {
  const envelope = ctx.mcpReq.envelope as Record<string, unknown> | undefined; // keys of `_meta`, as they came
  const declared = envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? server.server.getClientCapabilities();
  return isAnswer(declared) ? declared : {};
};
const isAnswer = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Makes a tool, or a prompt, appear or disappear, and announces it. */
export interface ChangeHooks {
  changeTools(): void;
  changePrompts(): void;
  resourceUpdated(uri: string): void;
}

/** What the suite calls, by the names and with the words that it looks for. */
export function registerTools(server: McpServer, states: RequestStateCodec, changes: ChangeHooks): void {
  const plain = (name: string, run: (ctx: ServerContext) => CallToolResult | Promise<CallToolResult>) =>
    server.registerTool(name, { description: `Fixture ${name}` }, async (ctx) => run(ctx));

  plain("test_simple_text", () => say("This is a simple text response for testing."));
  plain("test_image_content", () => ({ content: [{ type: "image", data: PICTURE, mimeType: "image/png" }] }));
  plain("test_audio_content", () => ({ content: [{ type: "audio", data: SOUND, mimeType: "audio/wav" }] }));
  const resource = (uri: string, mimeType: string, text: string) => ({
    type: "resource" as const,
    resource: { uri, mimeType, text },
  });
  plain("test_embedded_resource", () => ({
    content: [resource("test://embedded-resource", "text/plain", "This is an embedded resource content.")],
  }));
  plain("test_multiple_content_types", () => ({
    content: [
      { type: "text", text: "Multiple content types test:" },
      { type: "image", data: PICTURE, mimeType: "image/png" },
      resource("test://mixed-content-resource", "application/json", JSON.stringify({ test: "data", value: 123 })),
    ],
  }));
  plain("test_error_handling", () => {
    throw new Error("This tool intentionally returns an error for testing");
  });
  const logging = async (ctx: ServerContext) => {
    for (const [i, data] of ["started", "processing data", "completed"].entries()) {
      if (i > 0) await sleep(50);
      const text = i === 1 ? "Tool processing data" : `Tool execution ${data}`;
      await ctx.mcpReq.log("info", text);
    }
    return say("Tool with logging executed successfully");
  };
  plain("test_tool_with_logging", logging);
  plain("test_logging_tool", logging);
  plain("test_tool_with_progress", async (ctx) => {
    const progressToken = ctx.mcpReq._meta?.progressToken ?? 0;
    for (const progress of [0, 50, 100]) {
      const params = { progressToken, progress, total: 100, message: `Completed step ${progress} of 100` };
      await ctx.mcpReq.notify({ method: "notifications/progress", params });
      if (progress < 100) await sleep(50);
    }
    return say(String(progressToken));
  });
  plain("test_trigger_tool_change", () => {
    changes.changeTools();
    return say("changed");
  });
  plain("test_trigger_prompt_change", () => {
    changes.changePrompts();
    return say("changed");
  });
  plain("test_trigger_resource_update", () => {
    changes.resourceUpdated("test://watched-resource");
    return say("updated");
  });
  server.registerTool(
    "json_schema_2020_12_tool",
    {
      description: "Fixture of JSON Schema 2020-12",
      inputSchema: fromJsonSchema({
        $schema: "https://json-schema.org/draft/2020-12/schema",
        type: "object",
        $defs: {
          address: { type: "object", properties: { street: { type: "string" }, city: { type: "string" } } },
        },
        properties: { name: { type: "string" }, address: { $ref: "#/$defs/address" } },
        additionalProperties: false,
      }),
    },
    async (args) => say(`called with ${JSON.stringify(args)}`),
  );
  registerQuestions(server, states);
}

/** Tools that ask back; written once, they ask callers of either era. */
function registerQuestions(server: McpServer, states: RequestStateCodec): void {
  type Asked = CallToolResult | ReturnType<typeof inputRequired>;
  const asking = (name: string, run: (ctx: ServerContext) => Promise<Asked> | Asked) =>
    server.registerTool(name, { description: `Fixture ${name}` }, async (ctx) => run(ctx));
  /** Asks until there is an answer under the key, then goes on with it. */
  const once = (
    name: string,
    key: string,
    question: InputRequests[string],
    done: (answer: Record<string, unknown>) => string,
  ) =>
    asking(name, (ctx) => {
      const answer = answers(ctx)[key];
      return isAnswer(answer) ? say(done(answer)) : inputRequired({ inputRequests: { [key]: question } });
    });
  const filled = (answer: Record<string, unknown>) =>
    `action=${String(answer["action"])}, content=${JSON.stringify(answer["content"] ?? {})}`;
  const textOf = (answer: Record<string, unknown>) => {
    const content = answer["content"];
    const [first] = (Array.isArray(content) ? content : [content]) as { text?: string }[]; // of sampling: one block or many
    return first?.text ?? "";
  };

  once(
    "test_input_required_result_elicitation",
    "user_name",
    QUESTIONS.name(),
    ({ content }) => `Hello, ${String((content as { name?: unknown } | undefined)?.name)}!`,
  );
  // who cannot be asked is refused with −32021 by the package itself
  once("test_missing_capability", "capital_question", QUESTIONS.capital(), textOf);
  once("test_input_required_result_sampling", "capital_question", QUESTIONS.capital(), textOf);
  once("test_input_required_result_list_roots", "client_roots", QUESTIONS.roots(), ({ roots }) =>
    JSON.stringify(roots),
  );
  once("test_elicitation_url", "page", QUESTIONS.page(), ({ action }) => `action=${String(action)}`);
  once("test_streaming_elicitation", "user_name", QUESTIONS.name(), filled);
  once(
    "test_elicitation_sep1034_defaults",
    "fields",
    QUESTIONS.defaults(),
    (a) => `Elicitation completed: ${filled(a)}`,
  );
  once("test_elicitation_sep1330_enums", "fields", QUESTIONS.enums(), (a) => `Elicitation completed: ${filled(a)}`);

  server.registerTool(
    "test_elicitation",
    { description: "Fixture test_elicitation", inputSchema: z.object({ message: z.string() }) },
    async ({ message }, ctx) => {
      const answer = answers(ctx)["response"];
      if (isAnswer(answer)) return say(`User response: ${filled(answer)}`);
      return inputRequired({ inputRequests: { response: QUESTIONS.response(message) } });
    },
  );
  server.registerTool(
    "test_sampling",
    { description: "Fixture test_sampling", inputSchema: z.object({ prompt: z.string() }) },
    async ({ prompt }, ctx) => {
      const answer = answers(ctx)["response"];
      if (isAnswer(answer)) return say(`LLM response: ${textOf(answer)}`);
      return inputRequired({ inputRequests: { response: QUESTIONS.sample(prompt) } });
    },
  );
  asking("test_input_required_result_capabilities", (ctx) => {
    const given = answers(ctx);
    if (Object.keys(given).length > 0) return say("complete");
    const declared = declaredBy(server, ctx);
    const inputRequests: InputRequests = {
      ...(declared["elicitation"] ? { user_name: QUESTIONS.name() } : {}),
      ...(declared["sampling"] ? { greeting: QUESTIONS.greeting() } : {}),
      ...(declared["roots"] ? { client_roots: QUESTIONS.roots() } : {}),
    };
    return Object.keys(inputRequests).length > 0 ? inputRequired({ inputRequests }) : say("nothing to ask with");
  });

  const stateful = (name: string, first: () => InputRequests, last: string) =>
    asking(name, async (ctx) => {
      const given = answers(ctx);
      const wanted = first();
      const state = ctx.mcpReq.requestState<{ of: string }>();
      if (state?.of === name && Object.keys(wanted).every((key) => isAnswer(given[key]))) return say(last);
      return inputRequired({ inputRequests: wanted, requestState: await states.mint({ of: name }, ctx) });
    });
  stateful("test_input_required_result_request_state", () => ({ confirm: QUESTIONS.confirm() }), "state-ok");
  stateful("test_input_required_result_tampered_state", () => ({ confirm: QUESTIONS.confirm() }), "state-ok");
  stateful(
    "test_input_required_result_multiple_inputs",
    () => ({ user_name: QUESTIONS.name(), greeting: QUESTIONS.greeting(), client_roots: QUESTIONS.roots() }),
    "all three answered",
  );
  asking("test_input_required_result_multi_round", async (ctx) => {
    const given = answers(ctx);
    const round = ctx.mcpReq.requestState<{ round: number }>()?.round ?? 0;
    const ask = async (key: string, question: InputRequests[string], next: number) =>
      inputRequired({ inputRequests: { [key]: question }, requestState: await states.mint({ round: next }, ctx) });
    if (round === 2 && isAnswer(given["step2"])) return say("both steps answered");
    if (round >= 1 && isAnswer(given["step1"])) return ask("step2", QUESTIONS.colour(), 2);
    return ask("step1", QUESTIONS.name(), 1);
  });
}
