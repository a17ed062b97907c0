"use strict";

const { clientOf, fail, nameOf, numberOf, onMessage, register, setPayload } = require("./lib/osf-node");
const { exchange } = require("./lib/http-exchange");
const { asText, evaluate, fillTemplate } = require("./lib/values");

const METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];
/** RFC 9110, 9.2.2: doing it twice is as doing it once. */
const IDEMPOTENT = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"];
/** Answers that another attempt may better. */
const PASSING = [408, 429, 502, 503, 504];
const LONGEST_PAUSE_MS = 10_000;

module.exports = (RED) => {
  register(
    RED,
    "osf-http",
    (node, config) => {
      const closing = new AbortController();
      node.on("close", () => closing.abort());

      onMessage(node, "requesting", async (msg, send) => {
        const osf = clientOf(RED);
        const key = config.idempotencyKey ? osf.delivery?.(node).key || RED.util.generateId() : undefined;
        const request = await requestOf(node, config, msg, key);
        const timeoutMs = numberOf(config.timeout, "Timeout", { fallback: 30, min: 1, max: 120 }) * 1000;
        const repeatable = IDEMPOTENT.includes(request.method) || key !== undefined;
        const retries = repeatable
          ? numberOf(config.retries, "Repetitions", { fallback: 2, min: 0, max: 5, integer: true })
          : 0;
        const { response, attempts } = await persist(osf, request, { timeoutMs, signal: closing.signal }, retries);
        const payload = parsed(response, config.parse || "auto");
        if (response.status >= 400 && config.failOnStatus !== false)
          throw fail("http.status", `${new URL(response.url).origin} answered ${response.status}.`, {
            statusCode: response.status,
            payload,
          });
        setPayload(msg, payload);
        Object.assign(msg, { statusCode: response.status, headers: response.headers, responseUrl: response.url });
        msg.http = { method: request.method, attempts, ...(key === undefined ? {} : { idempotencyKey: key }) };
        send(msg);
        return { fill: response.status < 400 ? "green" : "yellow", shape: "dot", text: String(response.status) };
      });
    },
    {
      credentials: {
        user: { type: "text" },
        password: { type: "password" },
        token: { type: "password" },
        apiKey: { type: "password" },
      },
    },
  );

  async function requestOf(node, config, msg, idempotencyKey) {
    const method = String((config.method === "use" ? msg.method : config.method) || "GET").toUpperCase();
    if (!METHODS.includes(method)) throw fail("http.method", `"${nameOf(node)}" knows no method ${method}.`);
    const url = await urlOf(node, config, msg);
    const headers = new Headers({ accept: "*/*", "user-agent": "osf-http" });
    for (const { name, value, type } of config.headers || []) {
      const text = asText(await evaluate(RED, node, msg, { value, type, label: `Header "${name}"` }));
      if (name && text) setHeader(headers, name, text);
    }
    const secretHeaders = authorise(node, config, headers);
    if (idempotencyKey) headers.set("idempotency-key", idempotencyKey);
    const body = ["GET", "HEAD"].includes(method) ? undefined : await bodyOf(node, config, msg, headers);
    return { url: url.href, method, headers, body, secretHeaders };
  }

  async function urlOf(node, config, msg) {
    const text = await fillTemplate(RED, node, msg, config.url, { escape: encodeURIComponent });
    const url = URL.parse(text.trim());
    if (!url || !/^https?:$/.test(url.protocol))
      throw fail("http.url", `"${nameOf(node)}" needs an address that begins with http:// or https://.`);
    if (url.username || url.password)
      throw fail("http.url", "Credentials in the address end up in logs: use the node's own fields for them.");
    return url;
  }

  function setHeader(headers, name, text) {
    try {
      headers.set(name, text);
    } catch {
      throw fail("http.header", `The header "${name}" is not one that can be sent.`);
    }
  }

  /** Credentials come from the node's encrypted fields only. Names the headers that hold them. */
  function authorise(node, { auth, keyName }, headers) {
    const { user = "", password = "", token, apiKey } = node.credentials || {};
    const needed = (value, what) => {
      if (!value) throw fail("http.credentials", `"${nameOf(node)}" has no ${what}.`);
      return value;
    };
    if (auth === "bearer") setHeader(headers, "authorization", `Bearer ${needed(token, "token")}`);
    if (auth === "basic")
      setHeader(
        headers,
        "authorization",
        `Basic ${Buffer.from(`${needed(user, "user")}:${password}`).toString("base64")}`,
      );
    if (auth !== "api-key") return [];
    setHeader(headers, keyName || "X-API-Key", needed(apiKey, "API key"));
    return [keyName || "X-API-Key"];
  }

  async function bodyOf(node, config, msg, headers) {
    if (config.body === "none") return undefined;
    const value = await evaluate(RED, node, msg, {
      value: config.bodyValue || "payload",
      type: config.bodyValueType || "msg",
      label: "Body",
    });
    if (value === undefined) return undefined;
    const describe = (type) => headers.has("content-type") || headers.set("content-type", type);
    if (config.body === "form") {
      if (typeof value !== "object" || value === null)
        throw fail("http.body", "A form is made of an object with its fields.");
      describe("application/x-www-form-urlencoded");
      return new URLSearchParams(Object.entries(value).map(([name, one]) => [name, asText(one)])).toString();
    }
    if (config.body === "text") {
      describe(Buffer.isBuffer(value) ? "application/octet-stream" : "text/plain; charset=utf-8");
      return Buffer.isBuffer(value) ? value : asText(value);
    }
    describe("application/json");
    return JSON.stringify(value);
  }

  /** Repeats what may be repeated, after a pause that doubles or that the server asks for. */
  async function persist(osf, request, bounds, retries) {
    for (let attempts = 1; ; attempts++) {
      const last = attempts > retries;
      try {
        const response = await exchange(osf, request, bounds);
        if (last || !PASSING.includes(response.status)) return { response, attempts };
        await pause(response.headers["retry-after"], attempts, bounds.signal);
      } catch (error) {
        if (last || !["http.network", "http.timeout"].includes(error.code)) throw error;
        await pause(undefined, attempts, bounds.signal);
      }
    }
  }

  /** Ends early when the node is closed: no timer outlives it. */
  function pause(retryAfter, attempts, signal) {
    const asked = Number(retryAfter) * 1000;
    const wait = Math.min(asked >= 0 ? asked : 250 * 2 ** attempts, LONGEST_PAUSE_MS);
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, wait);
      signal.addEventListener("abort", end);
    });
  }

  function parsed({ body, headers }, parse) {
    const type = headers["content-type"] || "";
    const text = () => body.toString("utf8");
    if (parse === "binary") return body;
    if (parse === "text") return text();
    if (parse === "json") return asJson(text());
    if (/[/+]json\b/i.test(type)) return body.length ? asJson(text()) : null;
    return body.length === 0 || /^text\/|[/+]xml\b|x-www-form-urlencoded/i.test(type) || type === "" ? text() : body;
  }

  function asJson(text) {
    try {
      return JSON.parse(text);
    } catch {
      throw fail("http.json", "The answer is no JSON.", text.slice(0, 1_000));
    }
  }
};
