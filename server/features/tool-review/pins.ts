import type { ToolPin } from "#server/generated/prisma/client.ts";
import { sha256 } from "#server/kernel/crypto.ts";
import { canonicalJson } from "#server/mcp/canonical-json.ts";
import type { Pinning, UpstreamDefinition } from "#server/mcp/definition.ts";
import type { ListedTool, Verdict } from "#server/mcp/review.ts";
import { classOf } from "#server/mcp/tool-set.ts";

export type Pin = Pick<ToolPin, "tool" | "state" | "hash" | "proposedHash" | "class" | "approval" | "roles">;

/** A tool as it is listed, with the hash of what is pinned of it. */
export interface Listed {
  tool: ListedTool;
  hash: string;
}

/** What people and models act by; the rest of a definition (icons, `_meta`) is not pinned. */
const PINNED = ["name", "title", "description", "inputSchema", "outputSchema", "annotations"] as const;

/** The pinned part of a definition. */
export const pinnedPart = (tool: ListedTool): ListedTool => ({
  ...Object.fromEntries(PINNED.flatMap((member) => (tool[member] === undefined ? [] : [[member, tool[member]]]))),
  name: tool.name,
});

/** sha-256 of the pinned part as canonical JSON, hexadecimal. */
export const definitionHash = (tool: ListedTool): string => sha256(canonicalJson(pinnedPart(tool)));

/** Of two tools with one name the first counts. */
export function listedOnce(listed: readonly ListedTool[]): Listed[] {
  const once = new Map<string, Listed>();
  for (const tool of listed) if (!once.has(tool.name)) once.set(tool.name, { tool, hash: definitionHash(tool) });
  return [...once.values()];
}

/** What becomes of one pin, because of what its upstream lists now. */
export type PinChange =
  /** Taken without a person: the first list of a server that is pinned at first use. */
  | { kind: "taken"; tool: string; listed: Listed }
  /** New, or no longer what was approved: out of use until somebody looks at it. */
  | { kind: "quarantined"; tool: string; listed: Listed }
  /** As it was approved once. */
  | { kind: "restored"; tool: string }
  | { kind: "gone"; tool: string };

const isKnown = (pin: Pin | undefined): pin is Pin => pin !== undefined && (pin.hash ?? pin.proposedHash) !== null;

function changeOf(pin: Pin, listed: Listed): PinChange | null {
  const { tool, state, hash, proposedHash } = pin;
  if (listed.hash === hash) return state === "approved" ? null : { kind: "restored", tool };
  // What waits or was refused stays so, as long as it says the same.
  if (listed.hash === proposedHash && state !== "gone") return null;
  return { kind: "quarantined", tool, listed };
}

/**
 * How a fresh list of an upstream changes its pins; empty: not at all. `whole`: what is not on it is gone; not so where
 * each person is shown a list of their own.
 */
export function pinChanges(
  { pinning, whole }: { pinning: Pinning; whole: boolean },
  pins: ReadonlyMap<string, Pin>,
  listed: readonly Listed[],
): PinChange[] {
  if (pinning === "off") return [];
  const known = [...pins.values()].some(isKnown);
  const changes: PinChange[] = [];
  for (const one of listed) {
    const pin = pins.get(one.tool.name);
    const unknown = pinning === "first-use" && !known ? "taken" : "quarantined";
    const change = isKnown(pin) ? changeOf(pin, one) : ({ kind: unknown, tool: one.tool.name, listed: one } as const);
    if (change) changes.push(change);
  }
  const names = new Set(listed.map(({ tool }) => tool.name));
  for (const pin of whole ? pins.values() : [])
    if (isKnown(pin) && !names.has(pin.tool) && (pin.state === "approved" || pin.state === "quarantined"))
      changes.push({ kind: "gone", tool: pin.tool });
  return changes;
}

/** Whether a tool may be used as it is listed. */
function passes(pinning: Pinning, pin: Pin | undefined, hash: string): boolean {
  if (pinning === "off") return pin?.state !== "rejected";
  return pin?.state === "approved" && pin.hash === hash;
}

/** `dangerous` ones need consent unless the upstream's policy says otherwise; what is said of the tool goes first. */
function needsConsent(policy: UpstreamDefinition["policy"], kind: Verdict["class"], pin: Pin | undefined): boolean {
  if (pin?.approval === "always") return true;
  if (pin?.approval === "never") return false;
  const rule = policy.approval ?? "dangerous";
  return (rule === "writes" && kind !== "read") || (rule === "dangerous" && kind === "dangerous");
}

/** Verdicts on what is listed, by the pins as they are. */
export const verdictsOf = (
  { pinning, policy }: Pick<UpstreamDefinition, "pinning" | "policy">,
  pins: ReadonlyMap<string, Pin>,
  listed: readonly Listed[],
): Verdict[] =>
  listed.flatMap(({ tool, hash }): Verdict[] => {
    const pin = pins.get(tool.name);
    if (!passes(pinning, pin, hash)) return [];
    const kind = (pin?.class as Verdict["class"] | null | undefined) ?? classOf(tool["annotations"]); // set by changeRules alone
    return [{ definition: tool, class: kind, consent: needsConsent(policy, kind, pin), roles: pin?.roles ?? [] }];
  });
