"use strict";

const { fail } = require("./osf-node");

const MOST_REDIRECTS = 5;
/** Bytes of a response. */
const MOST_BYTES = 10_000_000;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const CREDENTIAL_HEADERS = ["authorization", "cookie", "proxy-authorization"];

/**
 * One exchange: redirects are followed by hand, so that each address is checked before it is dialled and credentials stay
 * with the host that they are for. `secretHeaders` are dropped with the others when a redirect leaves the origin.
 * Resolves with `{status, headers, body: Buffer, url}`; rejects with `http.private` (from the check), `http.timeout`,
 * `http.redirect`, `http.too-large`, `http.network`.
 */
async function exchange(osf, { url, method, headers, body, secretHeaders = [] }, { timeoutMs, signal }) {
  const timeout = AbortSignal.timeout(timeoutMs);
  const bounded = AbortSignal.any([timeout, signal]);
  const request = { method, headers: new Headers(headers), body };
  let target = new URL(url);
  try {
    for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
      await osf.http.check(target.href);
      const response = await dial(osf, target, request, bounded);
      const location = REDIRECTS.has(response.status) && response.headers.get("location");
      if (!location) return await read(response, target);
      await response.body?.cancel();
      target = redirect(request, response.status, target, location, secretHeaders);
    }
  } catch (error) {
    if (timeout.aborted) throw fail("http.timeout", `${where(target)} did not answer within ${timeoutMs / 1000} s.`);
    if (signal.aborted)
      throw fail("http.stopped", "The flow was stopped or deployed anew while the request was under way.");
    throw error;
  }
  throw fail("http.redirect", `${where(new URL(url))} redirects more than ${MOST_REDIRECTS} times.`);
}

async function dial(osf, target, request, signal) {
  const send = osf.http.fetch || fetch;
  try {
    return await send(target.href, { ...request, redirect: "manual", signal });
  } catch (error) {
    if (signal.aborted || error.code?.startsWith?.("http.")) throw error;
    const { code, message } = error.cause || error;
    throw fail("http.network", `${where(target)} cannot be reached: ${code || message}.`, code);
  }
}

/** Changes the request as a browser would: what is not GET or HEAD becomes GET by 303, POST also by 301 and 302. */
function redirect(request, status, from, location, secretHeaders) {
  const target = URL.parse(location, from.href);
  if (!target || !/^https?:$/.test(target.protocol))
    throw fail("http.redirect", `${where(from)} redirects to something that is no web address.`);
  const toGet =
    (status === 303 && !["GET", "HEAD"].includes(request.method)) || (status < 303 && request.method === "POST");
  if (toGet) {
    request.method = "GET";
    delete request.body;
    for (const name of ["content-type", "content-length"]) request.headers.delete(name);
  }
  if (target.origin !== from.origin)
    for (const name of [...CREDENTIAL_HEADERS, ...secretHeaders]) request.headers.delete(name);
  return target;
}

async function read(response, target) {
  const chunks = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body || []) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES)
        throw fail("http.too-large", `${where(target)} answers with more than ${MOST_BYTES / 1e6} MB.`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error.code === "http.too-large" || error.name === "AbortError" || error.name === "TimeoutError") throw error;
    throw fail("http.network", `The answer of ${where(target)} broke off.`, error.cause?.code);
  }
  const cookies = response.headers.getSetCookie();
  return {
    status: response.status,
    headers: { ...Object.fromEntries(response.headers), ...(cookies.length ? { "set-cookie": cookies } : {}) },
    body: Buffer.concat(chunks),
    url: target.href,
  };
}

/** An address in a message: paths and queries may carry secrets. */
const where = (url) => url.origin;

module.exports = { exchange };
