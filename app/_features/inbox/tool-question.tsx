"use client";

import { Anchor } from "@mantine/core";
import Link from "next/link";
import { JsonView } from "#app/_ui/json/json-view.tsx";
import { KeyValue } from "#app/_ui/data/key-value.tsx";
import { humanise } from "#app/_ui/data/units.ts";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { AutoValue } from "#app/_ui/table/auto-table.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { inboxWords } from "./inbox-words.ts";
import classes from "./inbox.module.css";

/** What a question about the call of a tool carries (requestConsent of the approvals). */
interface AskedCall {
  tool: string;
  server: string;
  class: "read" | "write" | "dangerous";
  arguments: Record<string, unknown>;
  through?: string;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The call that is asked about; null: the question says it otherwise. */
export function askedCall(detail: unknown): AskedCall | null {
  if (!isRecord(detail)) return null;
  const { tool, server, class: kind, arguments: args, through } = detail;
  if (typeof tool !== "string" || typeof server !== "string" || !isRecord(args)) return null;
  return {
    tool,
    server,
    class: kind === "read" || kind === "dangerous" ? kind : "write",
    arguments: args,
    ...(typeof through === "string" ? { through } : {}),
  };
}

/** The very call: what tool, what it may do, and the arguments as they will be sent. */
export function ToolQuestion({ call }: { call: AskedCall }) {
  const words = useWords(inboxWords);
  const { through } = call;
  return (
    <div className={classes.call}>
      <KeyValue
        layout="columns"
        items={[
          { label: words.tool, value: <code>{call.tool}</code> },
          {
            label: words.server,
            value: (
              <Anchor component={Link} href={`/servers/${encodeURIComponent(call.server)}`} inherit>
                {call.server}
              </Anchor>
            ),
          },
          {
            label: words.may,
            value: (
              <StateBadge
                state={call.class === "dangerous" ? "fault" : call.class === "write" ? "attention" : "idle"}
                word={words.classes[call.class]}
                variant="plain"
                size="sm"
              />
            ),
          },
          { label: words.through, value: through && (words.throughs[through] ?? through) },
        ]}
      />
      <div>
        <h3>{words.arguments}</h3>
        <CallArguments value={call.arguments} none={words.noArguments} />
      </div>
    </div>
  );
}

/** Flat arguments as pairs with the names that are sent, nested ones as the data they are. */
export function CallArguments({ value, none }: { value: Record<string, unknown>; none: string }) {
  const entries = Object.entries(value);
  if (entries.length === 0) return <p className={classes.then}>{none}</p>;
  if (entries.some(([, one]) => typeof one === "object" && one !== null)) return <JsonView value={value} depth={4} />;
  return (
    <div className={classes.pairs}>
      <KeyValue items={entries.map(([key, one]) => ({ label: humanise(key), value: <AutoValue value={one} /> }))} />
    </div>
  );
}
