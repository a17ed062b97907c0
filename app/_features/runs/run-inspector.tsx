"use client";

import { Button, Tabs } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { JsonView } from "#app/_ui/json/json-view.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { LazyMarkdown } from "#app/_ui/markdown/lazy-markdown.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { Duration } from "#app/_ui/time/duration.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { RunDetail, RunEventView } from "#server/features/runs/schema.ts";
import { ResultView } from "../results/result-view.tsx";
import { EventLog } from "./event-log.tsx";
import { isOpen, type RunStep } from "./run-steps.ts";
import { runWords } from "./run-words.ts";
import classes from "./runs.module.css";

const TABS = ["input", "output", "events"] as const;
type Tab = (typeof TABS)[number];

/** What went in, what came out, and every event, of the run or of the step chosen in the timeline. */
export function RunInspector(props: {
  run: RunDetail;
  step: RunStep | null;
  events: RunEventView[];
  onWhole: () => void;
}) {
  const { run, step, events, onWhole } = props;
  const words = useWords(runWords);
  const [tab, setTab] = useState<Tab>("output");
  const shown = step ? events.filter(({ seq }) => seq >= step.events.first && seq <= step.events.last) : events;
  return (
    <Panel title={words.details}>
      <div className={classes.stepHead}>
        {step ? (
          <>
            <StateBadge state={step.state} word={step.label} />
            {step.kind === "tool" ? <code>{step.detail}</code> : step.detail && <span>{step.detail}</span>}
            {step.to !== null && <Duration ms={step.to - step.from} />}
            <Button size="compact-sm" variant="subtle" color="gray" onClick={onWhole}>
              {words.showWhole}
            </Button>
          </>
        ) : (
          <strong>{words.ofRun}</strong>
        )}
      </div>
      <Tabs value={tab} onChange={(value) => setTab(TABS.find((one) => one === value) ?? "output")} keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="input">{words.input}</Tabs.Tab>
          <Tabs.Tab value="output">{words.output}</Tabs.Tab>
          <Tabs.Tab value="events">{words.events}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="input">
          {step ? <StepInput step={step} /> : <Data value={run.input} none={words.noOutputEver} />}
        </Tabs.Panel>
        <Tabs.Panel value="output">
          {step ? (
            <StepOutput step={step} />
          ) : (
            <Output value={run.output} none={isOpen(run.status) ? words.noOutput : words.noOutputEver} />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="events">
          <EventLog key={step?.id ?? "run"} events={shown} start={run.createdAt} />
        </Tabs.Panel>
      </Tabs>
    </Panel>
  );
}

const Note = ({ children }: { children: ReactNode }) => <p className={classes.none}>{children}</p>;

const Data = ({ value, none }: { value: unknown; none: string }) =>
  value === undefined || value === null ? <Note>{none}</Note> : <JsonView value={value} depth={3} />;

function StepInput({ step }: { step: RunStep }) {
  const words = useWords(runWords);
  return step.kind === "model" ? <Note>{words.noInput}</Note> : <Data value={step.input} none={words.noOutputEver} />;
}

function StepOutput({ step }: { step: RunStep }) {
  const words = useWords(runWords);
  const none = step.to === null ? words.noOutput : words.noOutputEver;
  if (step.output === undefined) return <Note>{none}</Note>;
  if (step.kind === "tool") return <ResultView result={step.output} tool={step.detail ?? step.label} />;
  return <Output value={step.output} none={none} />;
}

/** The text that a model wrote is read as text; all else is data. */
function Output({ value, none }: { value: unknown; none: string }) {
  const { text, toolCalls } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>; // read as unknown
  const asked = Array.isArray(toolCalls) && toolCalls.length > 0;
  if (typeof text !== "string" || (text === "" && !asked)) return <Data value={value} none={none} />;
  return (
    <>
      {text !== "" && <LazyMarkdown>{text}</LazyMarkdown>}
      {asked && <JsonView value={toolCalls} depth={3} />}
    </>
  );
}
