import { ShortId } from "#app/_ui/copy/short-id.tsx";
import { formatNumber } from "#app/_ui/data/units.ts";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import type { Column } from "#app/_ui/table/columns.ts";
import { Duration } from "#app/_ui/time/duration.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import type { Locale } from "#app/_ui/words/locales.ts";
import type { RunKind, RunStatus, RunView } from "#server/features/runs/schema.ts";
import { STATE_OF } from "./run-state.ts";
import type { runWords } from "./run-words.ts";

const length = ({ startedAt, endedAt }: RunView) =>
  startedAt && endedAt ? endedAt.getTime() - startedAt.getTime() : null;
const tokens = ({ usage }: RunView) => (usage ? usage.inputTokens + usage.outputTokens : null);

export function runColumns(given: {
  words: (typeof runWords)["en"];
  statuses: Record<RunStatus, string>;
  kinds: Record<RunKind, string>;
  locale: Locale;
  everywhere: boolean;
}): Column<RunView>[] {
  const { words, statuses, kinds, locale, everywhere } = given;
  return [
    { id: "title", header: words.title, value: ({ title }) => title || words.otherChat, sortable: false },
    {
      id: "status",
      header: words.status,
      width: "9rem",
      sortable: false,
      value: ({ status }) => statuses[status],
      render: ({ status }) => <StateBadge state={STATE_OF[status]} word={statuses[status]} variant="plain" size="sm" />,
    },
    { id: "kind", header: words.kind, width: "6rem", from: "md", sortable: false, value: ({ kind }) => kinds[kind] },
    { id: "by", header: words.by, width: "9rem", from: "sm", sortable: false, value: ({ actorName }) => actorName },
    {
      id: "trigger",
      header: words.trigger,
      width: "8rem",
      from: "md",
      optional: true,
      sortable: false,
      value: ({ trigger }) => words.triggers[trigger] ?? trigger,
    },
    ...(everywhere
      ? [
          {
            id: "workspace",
            header: words.workspace,
            width: "9rem",
            from: "md" as const,
            sortable: false,
            value: ({ workspaceId }: RunView) => workspaceId,
            render: ({ workspaceId }: RunView) => <ShortId id={workspaceId} />,
          },
        ]
      : []),
    {
      id: "created",
      header: words.started,
      width: "8rem",
      sortable: false,
      value: ({ createdAt }) => createdAt,
      render: ({ createdAt }) => <RelativeTime at={createdAt} />,
    },
    {
      id: "took",
      header: words.took,
      width: "7rem",
      align: "right",
      from: "sm",
      sortable: false,
      value: length,
      render: ({ startedAt, endedAt }) => (startedAt ? <Duration from={startedAt} to={endedAt} /> : "–"),
    },
    {
      id: "tokens",
      header: words.tokens,
      width: "7rem",
      align: "right",
      from: "md",
      sortable: false,
      value: tokens,
      render: (run) => {
        const sum = tokens(run);
        return sum === null ? "–" : formatNumber(sum, locale);
      },
    },
    {
      id: "id",
      header: words.id,
      width: "8rem",
      from: "md",
      sortable: false,
      optional: everywhere,
      value: ({ id }) => id,
      render: ({ id }) => <ShortId id={id} />,
    },
  ];
}
