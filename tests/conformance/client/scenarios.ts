import type { Json } from "#server/mcp/exchange.ts";
import { isObject } from "#server/mcp/upstream/message.ts";
import { withClient, type Scenario, type ScenarioClient } from "./client-run.ts";

/** What a person would fill in: the defaults of the form. */
const accept = (params: Json): Json => {
  const schema = isObject(params["requestedSchema"]) ? params["requestedSchema"] : {};
  const fields = Object.entries(isObject(schema["properties"]) ? schema["properties"] : {});
  const content = fields.map(([name, field]) => [name, isObject(field) ? (field["default"] ?? true) : true]);
  return { action: "accept", content: Object.fromEntries(content) as Json };
};
const ASKABLE = { capabilities: { elicitation: { form: {} }, sampling: {}, roots: {} } };

const listsAndCalls =
  (argumentsOf: (tool: string) => Json): Scenario =>
  (run) =>
    withClient(run, async ({ connection, call }) => {
      const { tools } = await connection.stock();
      for (const { listed } of tools.tools) await call(listed.name, argumentsOf(listed.name), ASKABLE);
    });

/** Goes on until the server has its answers, as whoever asked the gateway would (2026-07-28, multi-round requests). */
async function rounds({ request }: ScenarioClient, name: string): Promise<void> {
  const params = { name, arguments: {} };
  let result = await request("tools/call", params, ASKABLE);
  while (result["resultType"] === "input_required") {
    const asked = Object.entries(isObject(result["inputRequests"]) ? result["inputRequests"] : {});
    const inputResponses = Object.fromEntries(
      asked.map(([key, question]) => [
        key,
        accept(isObject(question) && isObject(question["params"]) ? question["params"] : {}),
      ]),
    );
    const { requestState } = result;
    const again = { ...params, inputResponses, ...(requestState !== undefined && { requestState }) };
    result = await request("tools/call", again, ASKABLE);
  }
}

/** By the name that the suite gives a scenario. */
export const scenarios: Record<string, Scenario> = {
  initialize: (run) => withClient(run, async ({ connection }) => void (await connection.stock())),
  tools_call: listsAndCalls(() => ({ a: 5, b: 3 })),
  "request-metadata": (run) => withClient(run, async ({ request }) => void (await request("tools/list", {}, ASKABLE))),
  "elicitation-sep1034-client-defaults": (run) =>
    withClient(run, async ({ call }) => {
      await call("test_client_elicitation_defaults", {}, { ...ASKABLE, ask: async ({ params }) => accept(params) });
    }),
  "sse-retry": listsAndCalls(() => ({})),
  "sep-2322-client-request-state": (run) =>
    withClient(run, async (client) => {
      const waiting = rounds(client, "test_mrtr_echo_state");
      await client.call("test_mrtr_unrelated", {});
      await waiting;
      await rounds(client, "test_mrtr_no_state");
      await rounds(client, "test_mrtr_no_result_type");
    }),
  "http-standard-headers": (run) =>
    withClient(run, async ({ connection, request, call }) => {
      const { lists } = await connection.stock();
      for (const { name } of lists.tools) await call(name, {});
      for (const { uri } of lists.resources) await request("resources/read", { uri });
      for (const { name } of lists.prompts) await request("prompts/get", { name, arguments: {} });
    }),
  "http-custom-headers": (run) =>
    withClient(run, async ({ call }) => {
      const calls = run.context["toolCalls"];
      if (!Array.isArray(calls)) throw new Error("the suite named no calls");
      for (const { name, arguments: args } of calls.filter(isObject)) await call(String(name), args as Json); // JSON
    }),
  "http-invalid-tool-headers": listsAndCalls(() => ({ region: "us-west1" })),
  "json-schema-ref-no-deref": (run) => withClient(run, async ({ connection }) => void (await connection.stock())),
  "json-schema-2020-12-preservation": (run) =>
    withClient(run, async ({ connection, call }) => {
      const { tools } = await connection.stock();
      const schema = tools.byOwnName.get("json_schema_2020_12_tool")?.listed["inputSchema"];
      await call("json_schema_echo", { schema });
    }),
};
