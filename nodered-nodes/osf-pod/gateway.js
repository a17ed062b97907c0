"use strict";

/** A refusal of the gateway: `code` is stable, `message` is for people. */
class GatewayError extends Error {
  constructor(status, code, message) {
    super(message);
    this.name = "GatewayError";
    this.status = status;
    this.code = code;
  }
}
exports.GatewayError = GatewayError;

const RETRY_MS = [100, 200, 400, 800, 1_600, 3_000];
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** The gateway's `/internal` API, as this pod may use it. `exchange` must come first. */
exports.createGateway = ({ gatewayUrl, id, secret }) => {
  const base = `${gatewayUrl}/internal`;
  let token = null;

  async function once(method, path, body, { timeoutMs = 30_000, signal, headers = {} } = {}) {
    const timeout = AbortSignal.timeout(timeoutMs);
    const response = await fetch(base + path, {
      method,
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    const text = await response.text();
    if (response.ok) return text === "" ? null : JSON.parse(text);
    let problem = {};
    try {
      problem = JSON.parse(text);
    } catch {
      // no problem document: an answer of something in between
    }
    throw new GatewayError(
      response.status,
      problem.code || "gateway.failed",
      problem.detail || problem.title || `The gateway answered ${response.status}`,
    );
  }

  /** Away or busy: worth another try, as long as the request may be repeated. */
  const passing = (error) => !(error instanceof GatewayError) || error.status === 503 || error.status === 429;

  async function call(method, path, body, options = {}) {
    const tries = options.repeat === false ? [] : RETRY_MS;
    for (const wait of tries) {
      try {
        return await once(method, path, body, options);
      } catch (error) {
        if (!passing(error) || options.signal?.aborted) throw error;
        await pause(wait);
      }
    }
    return once(method, path, body, options);
  }

  return {
    call,
    /** Trades the start secret, which is good for one exchange, for the pod's token. Waits for the gateway. */
    async exchange(deadlineMs = 60_000) {
      const until = Date.now() + deadlineMs;
      for (;;) {
        try {
          ({ token } = await once("POST", "/exchange", { id, secret }, { timeoutMs: 10_000 }));
          secret = null;
          return;
        } catch (error) {
          if ((error instanceof GatewayError && !passing(error)) || Date.now() > until) throw error;
          await pause(150);
        }
      }
    },
  };
};
