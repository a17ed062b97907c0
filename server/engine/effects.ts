import type { NodeConfig, FlowNode, Message } from "#server/engine/node.ts";
import { fails, work } from "#server/engine/work.ts";
import { label } from "#server/engine/problems.ts";
import type { Run } from "#server/engine/run.ts";
import type { Step } from "#server/engine/step.ts";

/*
 * Nodes that act outside by themselves (http request, osf-http). What came before is durable before they act, and what they
 * send is delivered when it is durable, so after a crash a step of theirs that has begun and has sent nothing is the only
 * one whose effect is not known. It is done again where that does no harm; else somebody decides.
 */

const REPEATABLE = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);

/** What the host is asked for: `ApprovalRequest` of the OSF client with a kind that makes it a decision. */
interface Decision {
  kind: "decision";
  title: string;
  question: string;
  detail: unknown;
  options: { value: string; label: string; style?: "primary" | "danger" | "default" }[];
  form: { name: string; label: string; type: "textarea" }[];
}

/** `again`: the step had begun before the run was interrupted. */
export function perform(run: Run, step: Step, node: FlowNode, msg: Message, again: boolean): void {
  run.pending++;
  const act = async () => {
    try {
      const way = again ? await wayOf(run, step, node, msg) : { kind: "act" as const };
      if (run.ended) return;
      if (again && way.kind === "act") {
        step.startedAt = run.clock.now(); // a further attempt: what is asked after it is another question
        step.begun = performance.now();
        run.recorder?.step(step);
      }
      await run.commit();
      if (run.ended) return;
      run.pending--;
      if (way.kind === "act") work(run, step, node, msg);
      else if (way.kind === "fail") fails(run, step, node, msg, way.error);
      else skip(run, step, node, msg, way.value);
    } catch (error) {
      run.interrupt(`What is recorded could not be kept: ${String(error)}`);
    }
  };
  void act();
}

type Way = { kind: "act" } | { kind: "skip"; value: unknown } | { kind: "fail"; error: Error };

async function wayOf(run: Run, step: Step, node: FlowNode, msg: Message): Promise<Way> {
  const request = requestOf(node, msg);
  if (request.repeatable) return { kind: "act" };
  const name = label(node).slice(0, 200);
  const question: Decision = {
    kind: "decision",
    title: `Was "${name}" done?`,
    question:
      `The run was interrupted while "${name}" sent a ${request.method} request to ${request.url}. ` +
      "Whether it arrived is not known. Repeat it, go on as if it had answered, or let the step fail?",
    detail: { method: request.method, url: request.url, node: node.id },
    options: [
      { value: "repeat", label: "Repeat", style: "danger" },
      { value: "skip", label: "Go on without it", style: "primary" },
      { value: "fail", label: "Fail" },
    ],
    form: [{ name: "value", label: "Payload to go on with (JSON)", type: "textarea" }],
  };
  // The same question while it is open, another one after another attempt: the attempt's time tells them apart.
  const ref = { step: step.seq, n: 1 + ((step.startedAt ?? 0) % 1_000_000_000) };
  step.calls++;
  (step.waits ??= []).push(ref);
  run.pending--;
  run.check();
  try {
    const answer = (await run.host.call(run.id, ref, "approval.request", question)) as {
      decision?: string;
      values?: { value?: unknown };
    }; // ApprovalAnswer of the OSF client
    if (answer.decision === "repeat") return { kind: "act" };
    if (answer.decision === "skip") return { kind: "skip", value: jsonOf(answer.values?.value) };
  } catch (refused) {
    return { kind: "fail", error: refused instanceof Error ? refused : new Error(String(refused)) };
  } finally {
    run.pending++;
    step.calls--;
    step.waits = undefined;
  }
  const error = Object.assign(new Error("It is not known whether the request arrived, and it was not to be repeated"), {
    code: "effect.unknown",
  });
  return { kind: "fail", error };
}

function skip(run: Run, step: Step, node: FlowNode, msg: Message, value: unknown): void {
  work(run, step, standIn(node, value), msg);
}

/** The node with a handler that sends the value instead of acting. */
function standIn(node: FlowNode, value: unknown): FlowNode {
  const handler = (msg: Message, send: (msg: unknown) => void, done: () => void) => {
    if (value !== undefined) msg["payload"] = value;
    send(msg);
    done();
  };
  return Object.create(node, { _inputs: { value: [handler] }, _dones: { value: 1 } }) as FlowNode; // the rest by prototype
}

function requestOf(node: FlowNode, msg: Message): { method: string; url: string; repeatable: boolean } {
  const config = JSON.parse(node._entry.config) as NodeConfig; // written by the plan
  const chosen = String(config["method"] ?? "GET");
  const method = (chosen === "use" ? String(msg["method"] ?? "GET") : chosen).toUpperCase();
  // osf-http sends no headers of the message, and http request none that are left of an answer
  const left = (msg["headers"] ?? {}) as Record<string, unknown>; // whatever it is, only its keys are looked at
  const sent = node.type === "osf-http" || "x-node-red-request-node" in Object(left) ? undefined : left;
  const keyed = config["idempotencyKey"] === true || hasKey(sent) || hasKey(config["headers"]);
  return {
    method,
    url: originOf(String(config["url"] || msg["url"] || "")),
    repeatable: REPEATABLE.has(method) || keyed,
  };
}

/** Paths and queries may carry secrets: people are told the server. */
const originOf = (url: string): string => URL.parse(url)?.origin ?? "an address that the message said";

/** Headers are an object in messages and a list of {keyType, keyValue} or {name} in nodes. */
function hasKey(headers: unknown): boolean {
  if (Array.isArray(headers))
    return headers.some((header: unknown) => {
      const { keyType, keyValue, name, value } = (header ?? {}) as Record<string, unknown>; // an entry of a node's list
      return value !== "" && [keyType, keyValue, name].some((text) => String(text).toLowerCase() === "idempotency-key");
    });
  return (
    typeof headers === "object" &&
    headers !== null &&
    Object.keys(headers).some((name) => name.toLowerCase() === "idempotency-key")
  );
}

function jsonOf(text: unknown): unknown {
  if (typeof text !== "string" || text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
