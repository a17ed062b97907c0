import { z } from "zod";
import { AppError, missing } from "#server/kernel/errors.ts";
import type { Json } from "#server/mcp/exchange.ts";
import { splitToolName } from "#server/mcp/names.ts";
import type { OwnTool, OwnToolKit } from "#server/mcp/serve/own-tools.ts";
import { addServer, configureServer, removeServer } from "../catalogue/index.ts";
import type { Deps } from "../deps.ts";
import { defineTool, failure, type OwnCaller } from "./define-tool.ts";
import { FindTools, findTools, type FindableTool } from "./find-tools.ts";
import { usableTools } from "./usable-tools.ts";

export type DiscoveryDeps = Pick<Deps, "db" | "sql" | "live" | "log" | "clock" | "settings" | "tools" | "vault">;

export type AddAnswer = Awaited<ReturnType<typeof addServer>>;

const server = z.string().min(1).max(64).describe("Name of the server, from mcp-find");
const config = z.record(z.string(), z.unknown());

/** Names and arguments of the tools by which a model finds the others; chat carries some of them out in its own way. */
export const Discovery = {
  "mcp-find": FindTools,
  "mcp-exec": z.strictObject({
    name: z.string().max(300).describe("Name of the tool, from mcp-find"),
    arguments: z.record(z.string(), z.unknown()).default({}).describe("After its inputSchema"),
  }),
  "mcp-add": z.strictObject({ name: server, config: config.optional().describe("What is known of its configuration") }),
  "mcp-remove": z.strictObject({ name: server }),
  "mcp-config-set": z.strictObject({ name: server, config: config.describe("Values to change; never secrets") }),
} as const;

/** Where a person stores the secrets of a server, and configures it. */
export const serverPage = ({ publicUrl }: Pick<Deps["settings"], "publicUrl">, name: string): string =>
  new URL(`/servers/catalogue?add=${encodeURIComponent(name)}`, publicUrl).href;

/** What is said of an answer of the catalogue to a model or a client; no value of the configuration is repeated. */
export function addAnswer(answer: AddAnswer, page: string): Json {
  switch (answer.status) {
    case "active":
      return { ...answer };
    case "config_required":
      return {
        status: answer.status,
        server: answer.server,
        schema: answer.schema,
        wrong: answer.wrong,
        next: `mcp-config-set with the values, or a person configures it: ${page}`,
      };
    case "secrets_required":
      return {
        status: answer.status,
        server: answer.server,
        names: answer.names,
        next: `A person stores these secrets, never in a chat: ${page}. Then mcp-add again`,
      };
    case "approval_required":
      return { status: answer.status, server: answer.server, message: answer.message };
  }
}

/** `mcp-find`, `mcp-exec`, `mcp-add`, `mcp-remove`, `mcp-config-set`. `findable`: what the person may call. */
export function discoveryTools(
  deps: DiscoveryDeps,
  findable: (actor: OwnCaller["actor"]) => Promise<readonly FindableTool[]>,
): OwnTool[] {
  const page = (name: string) => serverPage(deps.settings, name);
  return [
    defineTool({
      name: "mcp-find",
      title: "Find tools",
      description:
        "Finds tools of the plant, flows and servers by what they do; answers names, what they do and their arguments.",
      permission: "tool.read",
      annotations: { readOnlyHint: true },
      input: Discovery["mcp-find"],
      call: async ({ actor }, args) => ({ ...(await findTools(deps, actor, await findable(actor), args)) }),
    }),
    defineTool({
      name: "mcp-exec",
      title: "Call a tool",
      description: "Calls a tool that mcp-find found, by its name.",
      permission: "tool.read",
      annotations: { readOnlyHint: false },
      input: Discovery["mcp-exec"],
      call: (caller, { name, arguments: args }, kit) => callByName(deps, caller, name, args, kit),
    }),
    defineTool({
      name: "mcp-add",
      title: "Add a server",
      description: "Makes a server of the catalogue active for this person; says what it still needs.",
      permission: "upstream.activate",
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true },
      input: Discovery["mcp-add"],
      async call({ actor }, { name, config = {} }, kit) {
        let answer = await addServer(deps, actor, { name, activate: true, config });
        if (answer.status === "config_required" && canFill(kit)) {
          const values = await askForConfig(kit, answer);
          answer = await addServer(deps, actor, { name, activate: true, config: { ...config, ...values } });
        }
        return addAnswer(answer, page(name));
      },
    }),
    defineTool({
      name: "mcp-remove",
      title: "Remove a server",
      description: "Makes a server that was added active no longer.",
      permission: "upstream.activate",
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true },
      input: Discovery["mcp-remove"],
      call: async ({ actor }, { name }) => ({ ...(await removeServer(deps, actor, { name })) }),
    }),
    defineTool({
      name: "mcp-config-set",
      title: "Configure a server",
      description:
        "Changes the configuration of a server of the catalogue. Secrets are stored by a person, in the application.",
      permission: "upstream.activate",
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true },
      input: Discovery["mcp-config-set"],
      call: async ({ actor }, { name, config }) =>
        addAnswer(await configureServer(deps, actor, { name, config }), page(name)),
    }),
  ];
}

const canFill = ({ capabilities }: OwnToolKit): boolean => typeof capabilities["elicitation"] === "object";

/** Lets the client's person fill the form. What was declined leaves the configuration as it is. */
async function askForConfig(
  { ask }: OwnToolKit,
  { title, schema, values }: Extract<AddAnswer, { status: "config_required" }>,
): Promise<Json> {
  const { properties, required } = schema as { properties?: Json; required?: string[] }; // flat, by the catalogue's contract
  // Forms of clients have no lists.
  const simple = Object.entries(properties ?? {}).filter(([, field]) => (field as { type?: unknown }).type !== "array");
  const answer = await ask({
    method: "elicitation/create",
    params: {
      message: `${title} needs to be configured.`,
      requestedSchema: {
        type: "object",
        properties: Object.fromEntries(simple),
        required: (required ?? []).filter((name) => !(name in values)),
      },
    },
  });
  return answer["action"] === "accept" && typeof answer["content"] === "object" ? (answer["content"] as Json) : {};
}

const MAX_ROUNDS = 10;

/** The same way as a call of the tool itself: its result as it is; what it asks back is asked of the client. */
async function callByName(
  deps: DiscoveryDeps,
  caller: OwnCaller,
  name: string,
  args: Json,
  kit: OwnToolKit,
): Promise<Json> {
  const parts = splitToolName(name);
  if (!parts)
    return failure(
      `${name} is no name of an upstream's tool: those are <server>.<tool>. Other tools are called directly`,
    );
  const usable = await usableTools(deps, caller.actor);
  if (!usable.some((tool) => tool.name === name)) throw missing("tool");
  let params: Json = { name: parts.tool, arguments: args };
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const result = await deps.tools.exchange(parts.server, {
      caller,
      method: "tools/call",
      params,
      capabilities: kit.capabilities,
      timeoutMs: deps.settings.toolTimeoutMs,
      signal: kit.signal,
      notify: kit.notify,
      ask: kit.ask,
    });
    if (result["resultType"] !== "input_required") return result;
    const asked = (result["inputRequests"] ?? {}) as Record<string, { method: string; params: Json }>; // MCP 2026-07-28
    const inputResponses: Json = {};
    for (const [key, request] of Object.entries(asked)) inputResponses[key] = await kit.ask(request);
    const { requestState } = result;
    params = { ...params, inputResponses, ...(requestState === undefined ? {} : { requestState }) };
  }
  throw new AppError("upstream", "tool.protocol", `The tool ${name} asks back without end`);
}
