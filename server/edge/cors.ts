/** Headers for a page of another site that may call the API (`CORS_ORIGINS`); null: not such a page. Cookies stay out. */
function corsHeaders(origins: readonly string[], request: Request): Record<string, string> | null {
  const origin = request.headers.get("origin");
  if (!origin || !origins.includes(origin)) return null;
  return {
    "Access-Control-Allow-Origin": origin,
    Vary: "Origin",
    "Access-Control-Expose-Headers":
      "X-Request-Id, X-Correlation-ID, X-Run-Id, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset",
  };
}

/** Answers preflights and marks answers for the configured origins. */
export async function withCors(
  origins: readonly string[],
  request: Request,
  answer: () => Promise<Response>,
): Promise<Response> {
  const headers = corsHeaders(origins, request);
  if (request.method === "OPTIONS") {
    const preflight = {
      "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
      "Access-Control-Allow-Headers":
        "Authorization, Content-Type, X-API-Key, X-Request-Id, X-Correlation-ID, Idempotency-Key, Last-Event-ID",
      "Access-Control-Max-Age": "600",
    };
    return new Response(null, { status: 204, headers: headers ? { ...headers, ...preflight } : {} });
  }
  const response = await answer();
  for (const [name, value] of Object.entries(headers ?? {})) response.headers.set(name, value);
  return response;
}
