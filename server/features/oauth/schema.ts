import { z } from "zod";
import type { Permission, Role } from "../../kernel/permissions.ts";

/**
 * What an MCP client may ask a person for: scopes are permission names. Nothing of accounts, keys, secrets, members or
 * administration is among them, whatever the person's role. Order is that of the consent page.
 */
export const OAUTH_SCOPES = [
  "mcp.use",
  "plant.read",
  "tool.read",
  "flow.read",
  "run.read",
  "approval.read",
  "upstream.read",
  "tool.write",
  "flow.run",
  "approval.respond",
  "chat.write",
  "upstream.activate",
] as const satisfies readonly Permission[];
export type OAuthScope = (typeof OAUTH_SCOPES)[number];

/** How long an app stays connected: days, after which it asks the person again. */
export const DURATIONS = [1, 30, 365] as const;
export type Duration = (typeof DURATIONS)[number];

/** What the form of the consent page sends. */
export const Decision = z.object({
  decision: z.enum(["allow", "deny"]),
  /** Binds the form to the very request, person and sign-in that it was shown to. */
  seal: z.string().max(200),
  workspaceId: z.string().max(64).optional(),
  scopes: z.array(z.enum(OAUTH_SCOPES)).max(OAUTH_SCOPES.length).default([]),
  days: z.coerce
    .number()
    .refine((days): days is Duration => DURATIONS.some((one) => one === days), {
      error: "One of the offered durations",
    })
    .default(30),
});
export type Decision = z.output<typeof Decision>;

/** What the consent page shows. */
export interface ConsentView {
  uid: string;
  seal: string;
  person: { name: string; email: string };
  client: {
    /** As the client calls itself: not verified. */
    name: string;
    /**
     * `document`: its identity is the address of a document that it published, so `host` is who it is; `registered`:
     * it registered itself a moment ago and may be anyone.
     */
    kind: "document" | "registered";
    /** Of the document, or of the page that the answer goes to; null: an app on the person's device. */
    host: string | null;
    redirect:
      | { kind: "loopback" } // an app on this computer
      | { kind: "app"; scheme: string } // an app that opens addresses of this scheme
      | { kind: "site"; host: string };
  };
  /** The server that it wants to use: null for all of them, through /mcp. */
  server: string | null;
  scopes: { scope: OAuthScope; writes: boolean; atLeast: Role; ticked: boolean; required: boolean }[];
  workspaces: { id: string; name: string; role: Role; current: boolean }[];
}

const Moment = z.date().meta({ type: "string", format: "date-time" });

/** An app that a person connected. */
export const ConnectedApp = z.object({
  id: z.string(),
  name: z.string(),
  host: z.string().nullable(),
  workspace: z.object({ id: z.string(), name: z.string() }),
  /** One upstream; null: all, through /mcp. */
  server: z.string().nullable(),
  scopes: z.array(z.string()),
  connectedAt: Moment,
  expiresAt: Moment.nullable(),
  lastUsedAt: Moment.nullable(),
});
export type ConnectedApp = z.output<typeof ConnectedApp>;

export const AppRef = z.strictObject({ id: z.string().min(1).max(100) });
export type AppRef = z.output<typeof AppRef>;
