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

/**
 * What waits for this person: questions that they may answer, and of the last day their own runs that failed. Nothing at
 * all when nothing does.
 */
export function NeedsMe({ userId }: { userId: string }) {
  const words = useWords(homeWords);
  const trpc = useTRPC();
  const failed = useQuery(trpc.runs.list.queryOptions({ status: "failed", limit: 50 }));
  const asked = useQuery(trpc.approvals.list.queryOptions({ box: "mine", limit: SHOWN }));
  const count = useQuery(trpc.approvals.count.queryOptions());
  const now = useNow(() => 60_000);
  const mine = (failed.data?.items ?? []).filter(
    (run) => run.userId === userId && now - (run.endedAt ?? run.createdAt).getTime() < RECENT_MS,
  );
  const questions = asked.data?.items ?? [];
  const waiting = Math.max(questions.length, count.data?.mine ?? 0);
  if (mine.length === 0 && questions.length === 0) return null;
  return (
    <section className={classes.needs} aria-label={words.needsMe}>
      <ul>
        {questions.map((approval) => (
          <li key={approval.id}>
            <StateIcon state="waiting" />
            <div className={classes.needsText}>
              <Link href={`/inbox?id=${approval.id}`}>{approval.title || approval.question}</Link>
              <span>{[approval.flowName, approval.starterName].filter(Boolean).join(" · ")}</span>
            </div>
            <span className={classes.when}>
              <RelativeTime at={approval.createdAt} />
            </span>
          </li>
        ))}
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
      {waiting > questions.length && (
        <Link className={classes.moreLink} href="/inbox">
          {words.moreQuestions(waiting - questions.length)}
        </Link>
      )}
      {mine.length > SHOWN && (
        <Link className={classes.moreLink} href="/runs?status=failed">
          {words.moreFailed(mine.length - SHOWN)}
        </Link>
      )}
    </section>
  );
}
