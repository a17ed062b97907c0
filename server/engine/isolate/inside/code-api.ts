import type { Callbacks } from "./callbacks.ts";
import { createContextApi } from "./context-api.ts";
import type { Ask } from "./door.ts";

/** `ctx` of the code of an osf-ts node: what it may ask the gateway for. */
export function createCodeApi(ask: Ask, callbacks: Callbacks): (call: number) => Record<string, unknown> {
  return (call) => {
    const remote =
      (operation: string) =>
      async (...args: unknown[]) =>
        new Promise((resolve, reject) => {
          const answer = callbacks.add(call, (error, value) => (error ? reject(error) : resolve(value)), true);
          ask("remote", call, answer, operation, args); // a throw rejects
        });
    const say = (level: "info" | "warn" | "error") => (message: unknown, data?: unknown) => {
      ask("say", call, level, message, data);
    };
    return {
      tool: { call: remote("tool.call"), list: remote("tool.list") },
      llm: { complete: remote("llm.complete") },
      agent: { run: remote("agent.run") },
      flow: { run: remote("flow.run"), ...createContextApi(ask, call, "flow") },
      global: createContextApi(ask, call, "global"),
      env: { get: (name: unknown) => ask("env", call, name) },
      log: Object.assign(say("info"), { info: say("info"), warn: say("warn"), error: say("error") }),
    };
  };
}
