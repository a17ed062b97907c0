"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { StateIcon } from "#app/_ui/state/state-icon.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useNow, useWords } from "#app/_ui/words/locale.tsx";
import { useTRPC } from "../trpc/provider.tsx";
import { homeWords } from "./home-words.ts";
import classes from "./home.module.css";

const RECENT_MS = 24 * 3_600_000;
const SHOWN = 3;

/** What waits for this person: of the last day their own runs that failed. Nothing at all when nothing does. */
export function NeedsMe({ userId }: { userId: string }) {
  const words = useWords(homeWords);
  const failed = useQuery(useTRPC().runs.list.queryOptions({ status: "failed", limit: 50 }));
  const now = useNow(() => 60_000);
  const mine = (failed.data?.items ?? []).filter(
    (run) => run.userId === userId && now - (run.endedAt ?? run.createdAt).getTime() < RECENT_MS,
  );
  if (mine.length === 0) return null;
  return (
    <section className={classes.needs} aria-label={words.needsMe}>
      <ul>
        {mine.slice(0, SHOWN).map((run) => (
          <li key={run.id}>
            <StateIcon state="fault" />
            <div className={classes.needsText}>
              <Link href={`/runs/${run.id}`}>{words.failedRun(run.title)}</Link>
              <span>{run.error?.message}</span>
            </div>
            <span className={classes.when}>
              <RelativeTime at={run.endedAt ?? run.createdAt} />
            </span>
          </li>
        ))}
      </ul>
      {mine.length > SHOWN && (
        <Link className={classes.moreLink} href="/runs?status=failed">
          {words.moreFailed(mine.length - SHOWN)}
        </Link>
      )}
    </section>
  );
}
