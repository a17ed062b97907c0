"use client";

import { Button, CloseButton } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { StateIcon } from "#app/_ui/state/state-icon.tsx";
import { useHydrated, useWords } from "#app/_ui/words/locale.tsx";
import { useAsk } from "../shell/use-ask.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { homeWords } from "./home-words.ts";
import classes from "./home.module.css";

type Step = "run" | "docs";
const NOTHING: Partial<Record<Step | "hidden", true>> = {};

/** Four steps for a new account, each one click; it goes when all are done or somebody has enough of it. */
export function FirstSteps({ userId }: { userId: string }) {
  const words = useWords(homeWords);
  const trpc = useTRPC();
  const hydrated = useHydrated();
  const { ask, question } = useAsk();
  // what leaves no trace on the server is kept by the browser, for each person apart
  const [kept, setKept] = useLocalStorage({ key: `osf-first-steps-${userId}`, defaultValue: NOTHING });
  const chats = useQuery(trpc.chat.sessions.queryOptions({ limit: 6 }));
  const runs = useQuery(trpc.runs.list.queryOptions({ limit: 6 }));
  const keys = useQuery(trpc.accounts.apiKeys.list.queryOptions({ limit: 1 }));
  const mark = (step: Step) => setKept((before) => ({ ...before, [step]: true }));
  if (!hydrated || kept.hidden || !chats.data || !runs.data || !keys.data) return null;

  const latest = runs.data.items.find((run) => run.userId === userId);
  const first = words.suggestOee;
  const steps = [
    {
      id: "ask",
      title: words.stepAsk,
      text: words.stepAskText,
      done: chats.data.items.length > 0,
      act: (
        <Button size="compact-sm" onClick={() => ask(first)} loading={question === first}>
          {words.stepAskDo}
        </Button>
      ),
    },
    {
      id: "run",
      title: words.stepRun,
      text: words.stepRunText,
      done: kept.run === true,
      act: latest ? (
        <Button
          component={Link}
          href={`/runs/${latest.id}`}
          onClick={() => mark("run")}
          size="compact-sm"
          variant="default"
        >
          {words.stepRunDo}
        </Button>
      ) : (
        <span className={classes.stepLater}>{words.stepRunFirst}</span>
      ),
    },
    {
      id: "key",
      title: words.stepKey,
      text: words.stepKeyText,
      done: keys.data.items.length > 0,
      act: (
        <Button component={Link} href="/settings/api-keys?new=true" size="compact-sm" variant="default">
          {words.stepKeyDo}
        </Button>
      ),
    },
    {
      id: "docs",
      title: words.stepDocs,
      text: words.stepDocsText,
      done: kept.docs === true,
      act: (
        <Button component={Link} href="/docs/api" onClick={() => mark("docs")} size="compact-sm" variant="default">
          {words.stepDocsDo}
        </Button>
      ),
    },
  ];
  const done = steps.filter((step) => step.done).length;
  if (done === steps.length) return null;
  return (
    <Panel
      flush
      title={words.firstSteps}
      description={words.firstStepsText(done, steps.length)}
      actions={
        <CloseButton
          aria-label={`${words.hideSteps}: ${words.firstSteps}`}
          onClick={() => setKept((before) => ({ ...before, hidden: true }))}
        />
      }
    >
      <ol className={classes.steps}>
        {steps.map((step) => (
          <li key={step.id} data-done={step.done || undefined}>
            <h3>
              <StateIcon state={step.done ? "ok" : "idle"} {...(step.done ? { label: words.done } : {})} />
              {step.title}
            </h3>
            <p>{step.text}</p>
            <div>{step.done ? <span className={classes.stepLater}>{words.done}</span> : step.act}</div>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
