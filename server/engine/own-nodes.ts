import { callHost } from "#server/engine/calls.ts";
import { currentFrame } from "#server/engine/frame.ts";
import type { NodeRedUtil } from "#server/engine/loader.ts";
import type { FlowNode, Message, OwnNode } from "#server/engine/node.ts";
import { snapshot } from "#server/engine/snapshot.ts";
import type { Translate } from "#server/engine/translate.ts";

/**
 * `http in` and `http response` are the engine's own: the official ones need Express and live requests, whereas here the
 * request has arrived in another process, and its answer may be given days later by yet another one. `msg.req` is plain
 * data {method, url, headers, params, query, body, cookies}, `msg.res` only says that somebody waits.
 */
export function httpIn(node: FlowNode): void {
  node.onInput((msg, send, done) => {
    msg["res"] ??= {};
    send(msg);
    done();
  });
}

interface CookieOptions {
  value?: unknown;
  [option: string]: unknown;
}

/** Headers, cookies and body as in 21-httpin.js; asks the host by `http.reply`. */
export function httpResponse(util: NodeRedUtil, hashOf: (value: unknown) => string, translate: Translate): OwnNode {
  return (node, config) => {
    const fixed = Number.parseInt(String(config["statusCode"]), 10);
    node.onInput((msg, _send, done) => {
      const frame = currentFrame();
      if (!msg["res"] || !frame?.run || !frame.step) {
        node.warn(translate("httpin.errors.no-response"));
        done();
        return;
      }
      const { run, step } = frame;
      const headers = headersOf(util, hashOf, config["headers"], msg["headers"]);
      const statusCode = fixed || Number.parseInt(String(msg["statusCode"]), 10) || 200;
      const { payload } = msg;
      const reply = { statusCode, headers, ...bodyOf(payload, headers), cookies: cookiesOf(msg) };
      const answer = { statusCode, headers, payload: payload ?? null };
      run.outputs.reply(step.seq, answer);
      step.out = [{ port: 0, msg: snapshot(answer) }];
      const answering = async () => {
        try {
          await callHost(frame, "http.reply", reply);
        } catch (error) {
          done(error);
          return;
        }
        done();
      };
      void answering();
    });
  };
}

/**
 * The node's headers win over the message's. Those that a http request node left there are passed on only if the flow has
 * changed them since, which their hash tells.
 */
function headersOf(
  util: NodeRedUtil,
  hashOf: (value: unknown) => string,
  own: unknown,
  given: unknown,
): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(own ?? {})) out[name.toLowerCase()] = String(value);
  if (typeof given !== "object" || given === null) return out;
  const { "x-node-red-request-node": hash, ...headers } = util.cloneMessage(given) as Record<string, unknown>; // an object
  if (hash !== undefined && hash === hashOf(headers)) return out;
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase();
    if (Object.hasOwn(out, key) || value === undefined) continue;
    out[key] = Array.isArray(value) ? value.join(", ") : String(value);
  }
  return out;
}

function bodyOf(payload: unknown, headers: Record<string, string>): { body: string; base64?: true } {
  if (payload === undefined || payload === null) return { body: "" };
  if (Buffer.isBuffer(payload)) {
    headers["content-type"] ??= "application/octet-stream";
    return { body: payload.toString("base64"), base64: true };
  }
  if (typeof payload === "object") {
    headers["content-type"] ??= "application/json; charset=utf-8";
    return { body: JSON.stringify(payload) };
  }
  headers["content-type"] ??= "text/html; charset=utf-8";
  return { body: String(payload) };
}

/** `value` null: to be cleared. The options are Express's (maxAge in milliseconds, httpOnly …). */
function cookiesOf(msg: Message): { name: string; value: string | null; options: Record<string, unknown> }[] {
  const { cookies } = msg;
  if (typeof cookies !== "object" || cookies === null) return [];
  return Object.entries(cookies).map(([name, given]: [string, CookieOptions | string | null]) => {
    if (given === null || typeof given !== "object")
      return { name, value: given === null ? null : String(given), options: {} };
    const { value, ...options } = given;
    return { name, value: value === null ? null : String(value), options };
  });
}
