"use client";

import { SegmentedControl } from "@mantine/core";
import { useMemo, useState } from "react";
import { CodeBlock } from "#app/_ui/copy/code-block.tsx";
import { JsonView } from "#app/_ui/json/json-view.tsx";
import { AutoTable } from "#app/_ui/table/auto-table.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { readResult } from "./result-rows.ts";
import { resultWords } from "./result-words.ts";
import classes from "./results.module.css";

/** What a tool answered: rows as a table, text as text, all else as data; the data as it came is one click away. */
export function ResultView({ result, tool }: { result: unknown; tool: string }) {
  const words = useWords(resultWords);
  const { rows, summary, total } = useMemo(() => readResult(result), [result]);
  const [view, setView] = useState<"table" | "data">("table");
  if (result === undefined || result === null || result === "") return <p className={classes.note}>{words.nothing}</p>;
  if (typeof result === "string") return <CodeBlock code={result} wrap />;
  if (!rows) return <JsonView value={result} />;
  return (
    <div className={classes.result}>
      <div className={classes.bar}>
        {summary && <p className={classes.summary}>{summary}</p>}
        <SegmentedControl
          size="xs"
          value={view}
          onChange={(value) => setView(value === "data" ? "data" : "table")}
          aria-label={words.view}
          data={[
            { value: "table", label: words.table },
            { value: "data", label: words.data },
          ]}
        />
      </div>
      {view === "data" ? (
        <JsonView value={result} />
      ) : (
        <>
          <div className={classes.table}>
            <AutoTable rows={rows} label={words.resultOf(tool)} name={tool} bare maxHeight="20rem" />
          </div>
          {total !== undefined && <p className={classes.note}>{words.firstOf(rows.length, total)}</p>}
        </>
      )}
    </div>
  );
}
