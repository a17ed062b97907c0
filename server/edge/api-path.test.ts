import { describe, expect, it } from "vitest";
import { canonicalPath, isApiRequest } from "./api-path.ts";

const get = (path: string, headers: Record<string, string> = {}) => isApiRequest({ method: "GET", path, headers });

describe("which requests are for the API", () => {
  it("leaves navigations and Next's own requests to the pages", () => {
    expect(get("/chat", { accept: "text/html,application/xhtml+xml" })).toBe(false);
    expect(get("/chat/chat_1", { accept: "*/*", rsc: "1" })).toBe(false);
    expect(get("/runs", { accept: "*/*" })).toBe(false);
    expect(isApiRequest({ method: "POST", path: "/chat", headers: { "next-action": "x" } })).toBe(false);
  });

  it("takes what a program asks below a shared path", () => {
    expect(get("/chat/sessions", { accept: "application/json" })).toBe(true);
    expect(get("/chat/sessions", { accept: "text/html", authorization: "Bearer x" })).toBe(true);
    expect(isApiRequest({ method: "POST", path: "/chat/completions", headers: { accept: "text/html" } })).toBe(true);
  });

  it("takes everything below paths that have no page", () => {
    expect(get("/health", { accept: "text/html" })).toBe(true);
    expect(get("/openapi.json", { accept: "text/html" })).toBe(true);
    expect(get("/healthy")).toBe(false);
  });

  it("finds the canonical path again", () => {
    expect(canonicalPath("/api/rest/chat/sessions")).toBe("/chat/sessions");
    expect(canonicalPath("/api/runs/run_1")).toBe("/api/runs/run_1");
  });
});
