import { AppError } from "#server/kernel/errors.ts";
import { allows } from "#server/kernel/permissions.ts";
import type { Json } from "#server/mcp/exchange.ts";
import { addAnswer, oneLine, serverPage, usableTools, type AddAnswer } from "../own-tools/index.ts";
import type { RecordedCall } from "../runs/index.ts";
import { done, placeOf, type Calling, type CallOutcome } from "./calling.ts";
import { FORM_OPS, type FormAnswer, type FormRequest } from "./forms.schema.ts";
import { starterOf } from "./turn-tools.ts";
import type { ToolPart } from "./turn.schema.ts";

/** How often one call may ask: wrong values are asked for again. */
const MAX_FORMS = 10;
/** Tools of a server that was added which the model is told of at once. */
const MAX_TOLD = 20;

const formsOf = ({ asked }: Calling, { callId }: ToolPart): RecordedCall[] =>
  asked.filter(({ op, args }) => FORM_OPS.includes(op as FormRequest["op"]) && (args as FormRequest).callId === callId);

/**
 * `mcp-add` and `mcp-config-set`: what the server still needs is asked of the person in a form outside of the text, and
 * the turn is suspended until it is given or declined. `go` is asked again with the configuration so far.
 */
export async function callWithForms(
  calling: Calling,
  call: ToolPart,
  { name, config: given }: { name: string; config: Json },
  go: (config: Json) => Promise<AddAnswer>,
): Promise<CallOutcome> {
  const { deps, execution, emit, interactive } = calling;
  const forms = formsOf(calling, call);
  const config = { ...given };
  for (const form of forms) {
    const request = form.args as FormRequest; // written below alone
    if (form.state === "begun") return (openForm(calling, call, form), { state: "waiting" });
    const answer = form.result as FormAnswer; // written by answerForm alone
    if (form.state === "answered") {
      emit("form_answered", { callId: call.callId, kind: request.kind, action: answer.action });
      execution.call({ ...form, state: "done" });
      await execution.commit();
    }
    if (answer.action === "decline")
      return done({
        status: "declined",
        server: name,
        message: "The person declined to fill in what this server needs",
      });
    Object.assign(config, answer.values);
  }
  const answer = await go(config);
  calling.changed();
  const request = interactive && forms.length < MAX_FORMS ? requestOf(calling, call, answer) : null;
  if (!request) return done(await told(calling, answer, serverPage(deps.settings, name)));
  const { step, place } = placeOf(calling, call);
  const form: RecordedCall = { step, n: place * 100 + forms.length, op: request.op, args: request, state: "begun" };
  execution.call(form);
  openForm(calling, call, form);
  await execution.commit();
  return { state: "waiting" };
}

/** What is asked of the person; null: nothing, or nothing that they could give. */
function requestOf({ execution }: Calling, { callId }: ToolPart, answer: AddAnswer): FormRequest | null {
  if (answer.status === "config_required") {
    const { server, title, schema, values, wrong } = answer;
    return { op: "config.request", kind: "config", callId, server, title, schema, values, wrong };
  }
  if (answer.status !== "secrets_required" || !allows(starterOf(execution), "secret.write")) return null;
  const { server, title, names, secrets } = answer;
  return { op: "secrets.request", kind: "secrets", callId, server, title, names, secrets };
}

/** Tells watchers, once for each form however often the turn is taken up. */
function openForm({ emit }: Calling, call: ToolPart, { n, args }: RecordedCall): void {
  if (call.form?.n === n) return;
  const { op: _, kind, ...request } = args as FormRequest; // written by requestOf alone
  emit(kind === "config" ? "config_required" : "secrets_required", { ...request, n });
}

/** The answer for the model, with the tools that there are now. */
async function told({ deps, execution }: Calling, answer: AddAnswer, page: string): Promise<Json> {
  const said = addAnswer(answer, page);
  if (answer.status !== "active") return said;
  const tools = (await usableTools(deps, starterOf(execution))).filter(({ server }) => server === answer.server);
  return {
    ...said,
    tools: tools.slice(0, MAX_TOLD).map(({ name, description }) => ({ name, description: oneLine(description) })),
    ...(tools.length > MAX_TOLD ? { more: `${tools.length - MAX_TOLD} more: find them with mcp-find` } : {}),
  };
}

export const wrongArguments = (name: string, issues: { path: PropertyKey[]; message: string }[]) =>
  new AppError("invalid", "tool.arguments", `The arguments do not fit the tool ${name}`, {
    fields: issues.map(({ path, message }) => ({ path: path.join("."), message })),
  });
