import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import type { State } from "#app/_ui/state/states.ts";
import type { Column } from "#app/_ui/table/columns.ts";
import { Duration } from "#app/_ui/time/duration.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import type { AuditEntryView } from "#server/features/audit/schema.ts";
import type { auditWords } from "./audit-words.ts";
import classes from "./audit.module.css";

const STATE: Record<AuditEntryView["outcome"], State> = { ok: "ok", refused: "attention", failed: "fault" };

/** Who it was then; the gateway itself has no name. */
export const actorName = ({ actor, userId }: Pick<AuditEntryView, "actor" | "userId">): string | null => {
  const name = typeof actor === "object" && actor !== null && "name" in actor ? actor.name : null;
  return typeof name === "string" && name ? name : userId;
};

export function auditColumns(words: (typeof auditWords)["en"]): Column<AuditEntryView>[] {
  return [
    {
      id: "action",
      header: words.action,
      mono: true,
      sortable: false,
      value: ({ action }) => action,
      render: ({ action, subject }) => (
        <span className={classes.two}>
          {action}
          <span className={classes.sub}>{subject ?? "–"}</span>
        </span>
      ),
    },
    { id: "subject", header: words.what, mono: true, optional: true, sortable: false, value: ({ subject }) => subject },
    {
      id: "who",
      header: words.who,
      width: "10rem",
      from: "sm",
      sortable: false,
      value: (entry) => actorName(entry) ?? words.gateway,
    },
    {
      id: "outcome",
      header: words.outcome,
      width: "8rem",
      sortable: false,
      value: ({ outcome }) => words.outcomes[outcome],
      render: ({ outcome }) => (
        <StateBadge state={STATE[outcome]} word={words.outcomes[outcome]} variant="plain" size="sm" />
      ),
    },
    {
      id: "took",
      header: words.took,
      width: "6rem",
      align: "right",
      from: "md",
      sortable: false,
      value: ({ durationMs }) => durationMs,
      render: ({ durationMs }) => (durationMs === null ? "–" : <Duration ms={durationMs} />),
    },
    {
      id: "at",
      header: words.when,
      width: "8rem",
      sortable: false,
      value: ({ at }) => at,
      render: ({ at }) => <RelativeTime at={at} />,
    },
    {
      id: "seq",
      header: words.link,
      width: "7rem",
      align: "right",
      from: "md",
      optional: true,
      sortable: false,
      value: ({ seq }) => seq ?? words.notLinked,
    },
  ];
}
