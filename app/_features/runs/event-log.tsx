"use client";

import { Button, Select, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { memo, useDeferredValue, useMemo, useState } from "react";
import { JsonView } from "#app/_ui/json/json-view.tsx";
import { formatDuration } from "#app/_ui/time/format-time.ts";
import { useLocale, useWords } from "#app/_ui/words/locale.tsx";
import type { RunEventView } from "#server/features/runs/schema.ts";
import { runWords } from "./run-words.ts";
import classes from "./runs.module.css";

/** Drawn at a time: a long answer is thousands of pieces. */
const PAGE = 300;
/** Characters of an event's data on its line. */
const BRIEF = 300;

/** The log as it is kept: number, time since the run was created, type, data; each opens to all of its data. */
export function EventLog({ events, start }: { events: RunEventView[]; start: Date }) {
  const words = useWords(runWords);
  const [type, setType] = useState<string | null>(null);
  const [typed, setTyped] = useState("");
  const wanted = useDeferredValue(typed.trim().toLowerCase());
  const [limit, setLimit] = useState(PAGE);
  const types = useMemo(() => [...new Set(events.map((event) => event.type))], [events]);
  const found = useMemo(
    () =>
      events.filter(
        (event) =>
          (!type || event.type === type) &&
          (!wanted || event.type.includes(wanted) || JSON.stringify(event.data).toLowerCase().includes(wanted)),
      ),
    [events, type, wanted],
  );
  const shown = found.slice(-limit);
  return (
    <>
      <div className={classes.logTools}>
        <TextInput
          type="search"
          className={classes.search}
          aria-label={words.filterEvents}
          placeholder={words.filterEvents}
          leftSection={<IconSearch size={16} />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Select
          className={classes.filter}
          aria-label={words.type}
          placeholder={words.allTypes}
          clearable
          value={type}
          onChange={setType}
          data={types}
        />
        <span className={classes.logCount} role="status">
          {words.eventCount(found.length, events.length)}
        </span>
      </div>
      {found.length === 0 ? (
        <p className={classes.none}>{events.length === 0 ? words.noEvents : words.noEventMatches}</p>
      ) : (
        <div className={classes.log} role="region" aria-label={words.events} tabIndex={0}>
          {found.length > shown.length && (
            <div className={classes.earlier}>
              <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setLimit(limit + PAGE)}>
                {words.earlier(Math.min(PAGE, found.length - shown.length))}
              </Button>
            </div>
          )}
          <ol>
            {shown.map((event) => (
              <EventRow key={event.seq} event={event} start={start.getTime()} />
            ))}
          </ol>
        </div>
      )}
    </>
  );
}

const EventRow = memo(function EventRow({ event, start }: { event: RunEventView; start: number }) {
  const locale = useLocale();
  const [open, setOpen] = useState(false);
  const { seq, type, data, at } = event;
  return (
    <li className={classes.event}>
      <button type="button" className={classes.eventHead} aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className={classes.seq}>{seq}</span>
        <span className={classes.at}>+{formatDuration(at.getTime() - start, locale)}</span>
        <span className={classes.type}>{type}</span>
        <span className={classes.data}>{JSON.stringify(data).slice(0, BRIEF)}</span>
      </button>
      {open && (
        <div className={classes.eventBody}>
          <JsonView value={data} />
        </div>
      )}
    </li>
  );
});
