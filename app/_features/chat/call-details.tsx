"use client";

import { CodeBlock } from "#app/_ui/copy/code-block.tsx";
import { KeyValue } from "#app/_ui/data/key-value.tsx";
import { humanise } from "#app/_ui/data/units.ts";
import { JsonView } from "#app/_ui/json/json-view.tsx";
import { AutoValue } from "#app/_ui/table/auto-table.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ToolPart } from "#server/features/chat/turn.schema.ts";
import { ResultView } from "../results/result-view.tsx";
import { chatWords } from "./chat-words.ts";
import classes from "./tool-card.module.css";

/** What was asked of a tool and what it answered. Why it failed stands on the card itself. */
export function CallDetails({ call }: { call: ToolPart }) {
  const words = useWords(chatWords);
  const { state, result } = call;
  const { name, arguments: args } = call.called ?? call;
  const answered = state === "ok" || (state === "failed" && result !== undefined && typeof result !== "string");
  return (
    <>
      <section aria-label={words.arguments}>
        <p className={classes.label}>{words.arguments}</p>
        <Arguments value={args} />
      </section>
      {answered && (
        <section aria-label={words.result}>
          <p className={classes.label}>{words.result}</p>
          <ResultView result={result} tool={name} />
        </section>
      )}
    </>
  );
}

/** Flat arguments as pairs, nested ones as the data they are. */
function Arguments({ value }: { value: Record<string, unknown> }) {
  const words = useWords(chatWords);
  const { code } = value;
  // the model's own program is read as one
  if (typeof code === "string" && Object.keys(value).length === 1)
    return <CodeBlock title={words.code} code={code} maxHeight="20rem" />;
  const entries = Object.entries(value);
  if (entries.length === 0) return <p className={classes.none}>{words.noArguments}</p>;
  if (entries.some(([, one]) => typeof one === "object" && one !== null)) return <JsonView value={value} />;
  return <KeyValue items={entries.map(([key, one]) => ({ label: humanise(key), value: <AutoValue value={one} /> }))} />;
}
