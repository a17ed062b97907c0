"use strict";
const { stripTypeScriptTypes } = require("node:module");
const vm = require("node:vm");

const failure = (code, message) => Object.assign(new Error(message), { code });

const contextOf = (node, scope) => {
  const store = node.context()[scope];
  return { get: (key) => store.get(key), set: (key, value) => store.set(key, value), keys: () => store.keys() };
};

/**
 * Executes an osf-ts node's TypeScript in the pod's own process: the body of `async (msg, ctx) => …`. What does not
 * yield is cut off after `timeoutMs`; what waits longer is given up.
 */
exports.runCode = async (client, node, { code, msg, timeoutMs }) => {
  const ctx = {
    tool: {
      call: (name, args) => client.tool.call(node, name, args || {}),
      list: (filter) => client.tool.list(node, filter),
    },
    llm: { complete: (request) => client.llm.complete(node, request) },
    agent: { run: (request) => client.agent.run(node, request) },
    flow: { ...contextOf(node, "flow"), run: (request) => client.flow.run(node, request) },
    global: contextOf(node, "global"),
    log: (...parts) =>
      client.log(node, "info", parts.map((part) => (typeof part === "string" ? part : JSON.stringify(part))).join(" ")),
    env: { get: (name) => (node._flow ? node._flow.getSetting(name) : undefined) },
  };
  let script;
  try {
    script = new vm.Script(stripTypeScriptTypes(`(async (msg, ctx) => {\n${code}\n})`), {
      filename: `osf-ts ${node.name || node.id}`,
      lineOffset: -1,
    });
  } catch (error) {
    throw failure("code.syntax", error.message);
  }
  const sandbox = vm.createContext({
    console,
    Buffer,
    URL,
    URLSearchParams,
    TextEncoder,
    TextDecoder,
    setTimeout,
    clearTimeout,
    setInterval,
    clearInterval,
    structuredClone,
    fetch,
    AbortController,
    AbortSignal,
    __msg: msg,
    __ctx: ctx,
  });
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(failure("code.timeout", `The code took longer than ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    sandbox.__run = script.runInContext(sandbox);
    return await Promise.race([vm.runInContext("__run(__msg, __ctx)", sandbox, { timeout: timeoutMs }), late]);
  } catch (error) {
    if (error && error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT")
      throw failure("code.timeout", `The code took longer than ${timeoutMs} ms`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
};
