"use client";

import { IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import { CopyButton } from "../copy/copy-button.tsx";
import { useWords } from "../words/locale.tsx";
import { defineWords } from "../words/locales.ts";
import classes from "./json.module.css";

const jsonWords = defineWords({
  en: {
    items: (n: number) => (n === 1 ? "1 item" : `${n} items`),
    keys: (n: number) => (n === 1 ? "1 key" : `${n} keys`),
    more: (n: number) => `Show ${n} more`,
    whole: (n: number) => `Show all ${n} characters`,
    copy: "as JSON",
  },
  de: {
    items: (n: number) => (n === 1 ? "1 Eintrag" : `${n} Einträge`),
    keys: (n: number) => (n === 1 ? "1 Schlüssel" : `${n} Schlüssel`),
    more: (n: number) => `${n} weitere zeigen`,
    whole: (n: number) => `Alle ${n} Zeichen zeigen`,
    copy: "als JSON",
  },
});

const PAGE = 100;
const LONG_TEXT = 400;

/** Data as it is: folded below `depth` levels, a hundred entries at a time, so that large results do not stall a page. */
export function JsonView({
  value,
  depth = 2,
  maxHeight = "24rem",
}: {
  value: unknown;
  depth?: number;
  maxHeight?: string;
}) {
  const words = useWords(jsonWords);
  return (
    <div className={classes.whole}>
      <div className={classes.copy}>
        <CopyButton value={() => JSON.stringify(value, null, 2) ?? ""} what={words.copy} />
      </div>
      <div className={classes.scroll} style={{ maxHeight }} tabIndex={0} role="group" aria-label="JSON">
        <JsonNode value={value} depth={depth} />
      </div>
    </div>
  );
}

function JsonNode({ name, value, depth }: { name?: string; value: unknown; depth: number }) {
  const words = useWords(jsonWords);
  const [open, setOpen] = useState(depth > 0);
  const [limit, setLimit] = useState(PAGE);
  const label = name === undefined ? null : <span className={classes.key}>{name}: </span>;
  if (typeof value !== "object" || value === null)
    return (
      <div className={classes.leaf}>
        {label}
        <JsonScalar value={value} />
      </div>
    );

  const list = Array.isArray(value);
  const entries: [string, unknown][] = list ? value.map((one, i) => [String(i), one]) : Object.entries(value);
  const [left, right] = list ? ["[", "]"] : ["{", "}"];
  if (entries.length === 0)
    return (
      <div className={classes.leaf}>
        {label}
        {left}
        {right}
      </div>
    );
  return (
    <div>
      <button type="button" className={classes.fold} aria-expanded={open} onClick={() => setOpen(!open)}>
        <IconChevronRight size={14} aria-hidden="true" />
        {label}
        {left}
        {!open && (
          <>
            <span className={classes.count}> {list ? words.items(entries.length) : words.keys(entries.length)} </span>
            {right}
          </>
        )}
      </button>
      {open && (
        <>
          <div className={classes.children}>
            {entries.slice(0, limit).map(([key, one]) => (
              <JsonNode key={key} name={key} value={one} depth={depth - 1} />
            ))}
            {entries.length > limit && (
              <button type="button" className={classes.more} onClick={() => setLimit(limit + PAGE)}>
                {words.more(Math.min(PAGE, entries.length - limit))}
              </button>
            )}
          </div>
          <div className={classes.leaf}>{right}</div>
        </>
      )}
    </div>
  );
}

function JsonScalar({ value }: { value: unknown }) {
  const words = useWords(jsonWords);
  const [whole, setWhole] = useState(false);
  if (typeof value !== "string")
    return <span className={typeof value === "number" ? classes.number : classes.constant}>{String(value)}</span>;
  const cut = !whole && value.length > LONG_TEXT;
  return (
    <span className={classes.text}>
      {JSON.stringify(cut ? `${value.slice(0, LONG_TEXT)}…` : value)}
      {cut && (
        <button type="button" className={classes.more} onClick={() => setWhole(true)}>
          {words.whole(value.length)}
        </button>
      )}
    </span>
  );
}
