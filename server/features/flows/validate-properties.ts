import type { NodeDef } from "#server/engine/contract.ts";
import { codeProblem, jsonataProblem, jsonProblem, regexProblem } from "./check-syntax.ts";
import { endpointPath } from "./http/endpoint-path.ts";
import { serverOf } from "./node-types.ts";

/** Something about a property of one node. */
export interface PropertyIssue {
  severity?: "hint";
  code: string;
  property: string;
  message: string;
}

const list = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "object" && item !== null) : [];
const isBlank = (value: unknown) => typeof value !== "string" || value.trim() === "";
const isEnvironment = (value: string) => /^\$\{[^}]+\}$/.test(value);

/** A value with its type, as Node-RED's typed inputs keep them. */
function* typed(property: string, value: unknown, type: unknown): Generator<PropertyIssue> {
  if (typeof value !== "string" || isEnvironment(value)) return;
  const problem =
    type === "jsonata"
      ? ["flow.jsonata", "the JSONata expression", jsonataProblem(value)]
      : type === "json"
        ? ["flow.json", "the JSON", jsonProblem(value)]
        : type === "re"
          ? ["flow.regex", "the regular expression", regexProblem(value)]
          : null;
  if (problem?.[2])
    yield { code: problem[0] as string, property, message: `Correct ${problem[1]} in ${property}: ${problem[2]}` };
}

function* inject(node: NodeDef): Generator<PropertyIssue> {
  for (const [i, { p, v, vt }] of list(node.props).entries())
    if (p === "payload" || p === "topic") yield* typed(String(p), v ?? node[p], vt ?? node[`${p}Type`]);
    else yield* typed(`props[${i}]`, v, vt);
  if (node.props === undefined) yield* typed("payload", node.payload, node.payloadType);
}

function* switchNode(node: NodeDef): Generator<PropertyIssue> {
  yield* typed("property", node.property, node.propertyType);
  const rules = list(node.rules);
  if (rules.length === 0)
    yield {
      severity: "hint",
      code: "flow.no-rules",
      property: "rules",
      message: "It has no rule, so nothing leaves it. Add one",
    };
  for (const [i, { t, v, vt, v2, v2t }] of rules.entries()) {
    const type = t === "regex" ? (vt === "str" || vt === undefined ? "re" : vt) : t === "jsonata_exp" ? "jsonata" : vt;
    yield* typed(`rules[${i}].v`, v, type);
    yield* typed(`rules[${i}].v2`, v2, v2t);
  }
}

function* change(node: NodeDef): Generator<PropertyIssue> {
  for (const [i, { to, tot, from, fromt }] of list(node.rules).entries()) {
    yield* typed(`rules[${i}].to`, to, tot);
    yield* typed(`rules[${i}].from`, from, fromt);
  }
}

const LIBS =
  "Functions on the engine have no modules of their own. Remove them from the setup tab, or run the flow in the pod";

function* functionNode(node: NodeDef): Generator<PropertyIssue> {
  for (const property of ["func", "initialize", "finalize"]) {
    const code = node[property];
    const problem = typeof code === "string" ? codeProblem(code) : null;
    if (problem) yield { code: "flow.code", property, message: `Correct the code: ${problem}` };
  }
  if (list(node.libs).length > 0) yield { code: "flow.libs", property: "libs", message: LIBS };
}

const within = (property: string, what: string): PropertyIssue => ({
  severity: "hint",
  code: "flow.within-run",
  property,
  message: `${what} counts within one run on the engine; a run that is begun by one message has nothing to count`,
});

function* delay(node: NodeDef): Generator<PropertyIssue> {
  if (["rate", "queue", "timed"].includes(String(node.pauseType))) yield within("pauseType", "The rate limit");
}

function* httpRequest(node: NodeDef): Generator<PropertyIssue> {
  const { url } = node;
  if (typeof url === "string" && url.includes("://") && !/^https?:/i.test(url.trim()) && !url.includes("{{"))
    yield { code: "flow.url", property: "url", message: "The address must begin with http:// or https://" };
}

const required = (node: NodeDef, property: string, message: string): PropertyIssue[] =>
  isBlank(node[property]) ? [{ code: "flow.required", property, message }] : [];

/** What an osf node's typed inputs hold, wherever in it: `{value, type}`. */
function* typedList(property: string, items: unknown): Generator<PropertyIssue> {
  for (const [i, { value, valueType, type }] of list(items).entries())
    yield* typed(`${property}[${i}]`, value, valueType ?? type);
}

function* tool(node: NodeDef): Generator<PropertyIssue> {
  const server = serverOf(node.type);
  yield* required(node, "tool", "Choose a tool: open the node and pick one");
  if (server !== undefined && typeof node.tool === "string" && node.tool !== "" && !node.tool.startsWith(`${server}.`))
    yield {
      code: "flow.tool",
      property: "tool",
      message: `This node calls tools of ${server} only. Choose one of them`,
    };
  if (node.argsFrom !== "value") yield* typedList("args", node.args);
}

function* decision(node: NodeDef): Generator<PropertyIssue> {
  if (node.mode === "question") {
    yield* required(node, "question", "Write the question that the model answers");
    if (list(node.labels).filter(({ label }) => !isBlank(label)).length < 2)
      yield {
        code: "flow.required",
        property: "labels",
        message: "Give the model at least two answers to choose from",
      };
    return;
  }
  const rules = list(node.rules);
  if (rules.length === 0)
    yield {
      severity: "hint",
      code: "flow.no-rules",
      property: "rules",
      message: "It has no rule, so nothing leaves it. Add one",
    };
  for (const [i, { op, value, valueType }] of rules.entries())
    yield* typed(`rules[${i}]`, value, op === "regex" && (valueType ?? "str") === "str" ? "re" : valueType);
}

function* agent(node: NodeDef): Generator<PropertyIssue> {
  if (node.kind === "own") yield* required(node, "instructions", "Tell the agent what it is and what it does");
  else yield* required(node, "agent", "Choose an agent, or describe one in the node");
}

function* humanInput(node: NodeDef): Generator<PropertyIssue> {
  yield* required(node, "question", "Write the question that people are asked");
  const values = list(node.options).map(({ value }) => value);
  if (values.length === 0 || values.some(isBlank))
    yield { code: "flow.required", property: "options", message: "Give it at least one answer, each with a value" };
  else if (new Set(values).size < values.length)
    yield { code: "flow.duplicate", property: "options", message: "Two answers have the same value. Rename one" };
  const { defaultOption } = node;
  if (typeof defaultOption === "string" && defaultOption !== "" && !values.includes(defaultOption))
    yield {
      code: "flow.default",
      property: "defaultOption",
      message: "The answer taken at expiry is none of the answers",
    };
  if (list(node.form).some(({ name }) => isBlank(name)))
    yield { code: "flow.required", property: "form", message: "Give every field of the form a name" };
}

function* outputParser(node: NodeDef): Generator<PropertyIssue> {
  const { schema } = node;
  const problem = typeof schema === "string" && schema.trim() ? jsonProblem(schema) : null;
  if (problem) yield { code: "flow.json", property: "schema", message: `Correct the JSON Schema: ${problem}` };
}

function* httpIn(node: NodeDef): Generator<PropertyIssue> {
  yield* required(node, "url", "Enter the path, for example /orders");
  if (typeof node.url === "string" && endpointPath(node.url) === null)
    yield {
      severity: "hint",
      code: "flow.http-path",
      property: "url",
      message:
        "Paths with patterns of your own are answered by the pod only. The engine knows :name, :name? and * at the end",
    };
}

const CHECKS: Record<string, (node: NodeDef) => Iterable<PropertyIssue>> = {
  inject,
  switch: switchNode,
  change,
  function: functionNode,
  delay,
  rbe: () => [within("func", "The filter")],
  "http in": httpIn,
  "http request": httpRequest,
  trigger: function* (node) {
    yield* typed("op1", node.op1, node.op1type);
    yield* typed("op2", node.op2, node.op2type);
  },
  sort: (node) => typed("msgKey", node.msgKey, node.msgKeyType),
  join: function* (node) {
    if (node.mode === "reduce")
      for (const property of ["reduceExp", "reduceFixup"]) yield* typed(property, node[property] || "$", "jsonata");
  },
  "link call": (node) =>
    node.linkType !== "dynamic" && (!Array.isArray(node.links) || node.links.length === 0)
      ? [{ code: "flow.required", property: "links", message: "Choose the link in node that it calls" }]
      : [],
  // TypeScript is checked where it is compiled: here it is enough that there is any.
  "osf-ts": (node) => required(node, "code", "Write the code, or remove the node"),
  "osf-agent": agent,
  "osf-decision": decision,
  "osf-prompt": (node) => required(node, "prompt", "Write the prompt"),
  "osf-prompt-tpl": (node) => required(node, "template", "Write the template"),
  "osf-http": function* (node) {
    yield* httpRequest(node);
    yield* typedList("headers", node.headers);
  },
  "osf-sub-flow": (node) => required(node, "flow", "Choose the flow that it calls"),
  "osf-human-input": humanInput,
  "osf-output-parser": outputParser,
  "osf-mcp-erp": tool,
  "osf-mcp-fertigung": tool,
  "osf-mcp-qms": tool,
  "osf-mcp-tms": tool,
  "mcp-tool": tool,
};

/** What is wrong with a node by itself, whatever it is wired to. */
export const propertyIssues = (node: NodeDef): Iterable<PropertyIssue> =>
  Object.hasOwn(CHECKS, node.type) ? (CHECKS[node.type]?.(node) ?? []) : [];
