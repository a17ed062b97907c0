import { z } from "zod";

export const ConnectionRef = z.strictObject({
  upstream: z.string().min(1).max(64).meta({ description: "Name of the MCP server" }),
});
export type ConnectionRef = z.output<typeof ConnectionRef>;

export const ConnectionView = z.object({
  /** Name of the MCP server. */
  upstream: z.string(),
  title: z.string(),
  /** Path of ours that starts a consent in the browser; with `?returnTo=` another path of ours to come back to. */
  connect: z.string(),
  connected: z.boolean(),
  /** The server asked for more than was given: connect again. */
  wantsMore: z.boolean(),
  issuer: z.string().nullable(),
  scopes: z.array(z.string()),
  connectedAt: z.date().nullable(),
  /** When the present token ends; it is renewed before that where `renewable`. */
  expiresAt: z.date().nullable(),
  renewable: z.boolean(),
});
export type ConnectionView = z.output<typeof ConnectionView>;
