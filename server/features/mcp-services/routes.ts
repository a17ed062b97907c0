import { route } from "../../edge/rest/route.ts";
import { requestService } from "./request-service.ts";
import { ServiceAnswer, ServiceDefinition, ServiceRef, ServiceRequest } from "./schema.ts";
import { serviceDefinition } from "./service-definition.ts";

const tag = "MCP servers";
/** W3C Trace Context, version 00. */
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

export const mcpServiceRoutes = [
  route({
    method: "POST",
    path: "/mcp/request",
    permission: "plant.read",
    tag,
    summary: "One call to a service, in an envelope",
    description:
      "What goes wrong at the service answers 200 with `success: false`; an unknown service or operation 404, wrong parameters 400. Operations that do more than read need the scope and role of `tool.write`.",
    body: ServiceRequest,
    response: ServiceAnswer,
    errors: { 404: "There is no such service or operation", 429: "The service or the caller has no calls left" },
    handle({ deps, actor, body, request, requestId, idempotencyKey, signal }) {
      const trace = request.headers.get("traceparent") ?? "";
      const traceparent = TRACEPARENT.test(trace) ? trace : undefined;
      return requestService(deps, actor, body, { requestId, traceparent, idempotencyKey, signal });
    },
  }),
  route({
    method: "GET",
    path: "/mcp/services/{name}/definition",
    permission: "tool.read",
    tag,
    summary: "The operations of a service, with their schemas",
    params: ServiceRef,
    response: ServiceDefinition,
    errors: { 502: "The service does not answer" },
    handle: ({ deps, actor, params }) => serviceDefinition(deps, actor, params),
  }),
];
