"use client";

import { Button, Tabs } from "@mantine/core";
import { useState } from "react";
import { JsonView } from "#app/_ui/json/json-view.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { formatDuration } from "#app/_ui/time/format-time.ts";
import { useLocale, useWords } from "#app/_ui/words/locale.tsx";
import type { RunEventView } from "#server/features/runs/schema.ts";
import { EventLog } from "../runs/event-log.tsx";
import { debugValue } from "./debug-value.ts";
import type { FlowLog } from "./flow-log.ts";
import { flowRunWords } from "./flow-run-words.ts";
import { LogLines } from "./log-lines.tsx";
import classes from "./flow-runs.module.css";

const TABS = ["debug", "logs", "events"] as const;
type Tab = (typeof TABS)[number];
const PAGE = 100;

/** What the run said: debug nodes, logs, and all its events. */
export function Messages(props: {
  log: FlowLog;
  events: RunEventView[];
  version: number;
  start: Date;
  nameOf: (node: string) => string;
  onNode: (node: string) => void;
}) {
  const { log, events, version, start, nameOf, onNode } = props;
  const words = useWords(flowRunWords);
  const [tab, setTab] = useState<Tab>("debug");
  const label = (one: Tab) =>
    one === "debug"
      ? `${words.debug} ${log.debug.length || ""}`
      : one === "logs"
        ? `${words.logs} ${log.log.length || ""}`
        : words.events;
  return (
    <Panel title={words.messages}>
      <Tabs value={tab} onChange={(next) => setTab(TABS.find((one) => one === next) ?? "debug")} keepMounted={false}>
        <Tabs.List mb="sm">
          {TABS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {label(one)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab}>
          {tab === "debug" ? (
            <DebugList log={log} start={start} nameOf={nameOf} onNode={onNode} />
          ) : tab === "logs" ? (
            <LogLines lines={log.log} start={start} nameOf={nameOf} />
          ) : (
            // the list of events is kept in place: another version, another list
            <EventLog events={version >= 0 ? [...events] : events} start={start} />
          )}
        </Tabs.Panel>
      </Tabs>
    </Panel>
  );
}

function Shown({ value }: { value: unknown }) {
  if (typeof value === "object" && value !== null) return <JsonView value={value} depth={1} maxHeight="18rem" />;
  return <pre>{typeof value === "string" ? value : String(value)}</pre>;
}

function DebugList(props: {
  log: FlowLog;
  start: Date;
  nameOf: (node: string) => string;
  onNode: (node: string) => void;
}) {
  const { log, start, nameOf, onNode } = props;
  const words = useWords(flowRunWords);
  const locale = useLocale();
  const [limit, setLimit] = useState(PAGE);
  if (log.debug.length === 0) return <p className={classes.note}>{words.debugEmpty}</p>;
  const shown = log.debug.slice(-limit);
  return (
    <>
      {log.debug.length > shown.length && (
        <Button size="compact-sm" variant="subtle" color="gray" mb="xs" onClick={() => setLimit(limit + PAGE)}>
          {words.earlier(Math.min(PAGE, log.debug.length - shown.length))}
        </Button>
      )}
      <ol className={classes.debug}>
        {shown.map(({ seq, at, node, name, property, value }) => (
          <li key={seq}>
            <p>
              <span className={classes.at}>+{formatDuration(at - start.getTime(), locale)}</span>
              <button type="button" onClick={() => onNode(node)}>
                {name || nameOf(node)}
              </button>
              {property && <code>msg.{property.replace(/^msg\.?/, "")}</code>}
            </p>
            <Shown value={debugValue(value)} />
          </li>
        ))}
      </ol>
    </>
  );
}
