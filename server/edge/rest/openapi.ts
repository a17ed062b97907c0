import { z } from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import { requirementOf } from "../../kernel/permissions.ts";
import { Problem } from "./problem.ts";
import type { Route } from "./route.ts";

const ALWAYS: Record<number, string> = {
  400: "A field is wrong: `errors` names each",
  429: "Too many requests: `Retry-After` says when",
  503: "Not available at the moment: `Retry-After`",
};
const SIGNED_IN: Record<number, string> = {
  401: "No valid credential",
  403: "The role or the key's scopes do not allow it",
};

function operation(route: Route): ZodOpenApiOperationObject {
  const problem = (description: string) => ({
    description,
    content: { "application/problem+json": { schema: Problem } },
  });
  const failures = {
    ...ALWAYS,
    ...(route.permission ? SIGNED_IN : {}),
    ...(route.path.includes("{") ? { 404: "Does not exist, or belongs to somebody else" } : {}),
    ...route.errors,
  };
  const needs = route.permission && requirementOf(route.permission).atLeast;
  return {
    operationId: `${route.method.toLowerCase()}${route.path.replaceAll(/\W+(\w)?/g, (_m, c: string | undefined) => (c ?? "").toUpperCase())}`,
    tags: [route.tag],
    summary: route.summary,
    description: [route.description, needs && `Needs \`${route.permission}\` (${needs}).`].filter(Boolean).join("\n\n"),
    security: route.permission ? [{ bearer: [] }, { apiKey: [] }, { session: [] }] : [],
    requestParams: {
      ...(route.params instanceof z.ZodObject && Object.keys(route.params.shape).length > 0
        ? { path: route.params }
        : {}),
      ...(route.query instanceof z.ZodObject && Object.keys(route.query.shape).length > 0
        ? { query: route.query }
        : {}),
    },
    ...(route.body ? { requestBody: { required: true, content: { "application/json": { schema: route.body } } } } : {}),
    responses: {
      [String(route.status)]: { description: "Success", content: { [route.contentType]: { schema: route.response } } },
      ...Object.fromEntries(Object.entries(failures).map(([status, text]) => [status, problem(text ?? "")])),
    },
  };
}

/** The OpenAPI 3.1 document of exactly these routes. */
export function openApiDocument(routes: readonly Route[], { version, url }: { version: string; url: string }) {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes)
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) };
  return createDocument({
    openapi: "3.1.1",
    info: {
      title: "OSF Gateway",
      version,
      description:
        "The HTTP API for programs. Errors are RFC 9457 problem documents; streams are server-sent events that resume by `Last-Event-ID`.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "Access token of `POST /auth/login`, or an API key" },
        apiKey: { type: "apiKey", in: "header", name: "X-API-Key" },
        session: { type: "apiKey", in: "cookie", name: "session", description: "The browser's sign-in" },
      },
    },
  });
}
