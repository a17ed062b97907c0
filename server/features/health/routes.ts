import { z } from "zod";
import { route, type Route } from "#server/edge/rest/route.ts";
import { sameSecret } from "#server/kernel/crypto.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Metrics } from "./metrics.ts";
import { readiness } from "./readiness.ts";
import { HealthView, ReadyView } from "./schema.ts";

const isLoopback = (ip: string) => ip === "::1" || ip.startsWith("127.") || ip.startsWith("::ffff:127.");

/**
 * Whether a program on this machine asks by itself: not through a proxy that runs here, and not a page whose host name
 * was made to point here.
 */
function isLocal(ip: string, headers: Headers): boolean {
  const through = headers.get("x-forwarded-for")?.split(",") ?? [];
  const asked = URL.parse(`http://${headers.get("host") ?? ""}`)?.hostname.replace(/^\[|\]$/g, "") ?? "";
  return [ip, ...through].every((one) => isLoopback(one.trim())) && (asked === "localhost" || isLoopback(asked));
}

export const healthRoutes = (metrics: Metrics): Route[] => [
  route({
    method: "GET",
    path: "/health",
    permission: null,
    tag: "Health",
    summary: "What this is and how long it has been up",
    response: HealthView,
    handle: async ({ deps: { settings } }) => ({
      status: "ok" as const,
      service: "osf-gateway" as const,
      version: settings.version,
      uptime: Math.round(process.uptime()),
      endpoints: {
        api: `${settings.publicUrl}/api`,
        mcp: `${settings.publicUrl}/mcp`,
        docs: `${settings.publicUrl}/docs/api`,
        health: `${settings.publicUrl}/health`,
      },
    }),
  }),
  route({
    method: "GET",
    path: "/health/live",
    permission: null,
    tag: "Health",
    summary: "The process is alive",
    response: z.object({ status: z.literal("alive") }),
    handle: async () => ({ status: "alive" as const }),
  }),
  route({
    method: "GET",
    path: "/health/ready",
    permission: null,
    tag: "Health",
    summary: "Whether requests can be served: 200, or 503 with the checks that failed",
    response: ReadyView,
    handle: async ({ deps }) => {
      const state = await readiness(deps);
      return Response.json(state, { status: state.status === "not_ready" ? 503 : 200 });
    },
  }),
  route({
    method: "GET",
    path: "/metrics",
    permission: null,
    tag: "Health",
    summary: "Prometheus metrics, for loopback or with METRICS_TOKEN as bearer",
    response: z.string(),
    contentType: "text/plain",
    errors: { 403: "Neither loopback nor the token" },
    handle: async ({ deps: { settings }, request, ip }) => {
      const bearer = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
      const allowed = settings.metricsToken
        ? bearer !== undefined && sameSecret(bearer, settings.metricsToken)
        : isLocal(ip, request.headers);
      if (!allowed)
        throw new AppError(
          "forbidden",
          "metrics.forbidden",
          "Metrics are for loopback, or for the bearer of METRICS_TOKEN",
        );
      return new Response(await metrics.registry.metrics(), {
        headers: { "Content-Type": metrics.registry.contentType },
      });
    },
  }),
];
