"use client";

import { Select } from "@mantine/core";
import { useMemo, useState } from "react";
import { jsonDiff, MOST_CHANGES } from "#app/_ui/json/json-diff.ts";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { RunStepDetail } from "#server/features/runs/steps.schema.ts";
import { flowRunWords } from "./flow-run-words.ts";
import type { NamedNode } from "./node-names.ts";
import classes from "./flow-runs.module.css";

/** Characters of a value on its line. */
const BRIEF = 200;

const brief = (value: unknown) => {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > BRIEF ? `${text.slice(0, BRIEF)}…` : text;
};

/** What a node changed of the message: what it got against what it sent. */
export function MessageDiff(props: {
  input: unknown;
  outputs: RunStepDetail["outputs"];
  names: (key: string) => NamedNode;
}) {
  const { input, outputs, names } = props;
  const words = useWords(flowRunWords);
  const [chosen, setChosen] = useState(0);
  const output = outputs[chosen] ?? outputs[0];
  const changes = useMemo(() => (output ? jsonDiff(input, output.msg) : []), [input, output]);
  if (!output) return <p className={classes.note}>{words.noDiff}</p>;
  return (
    <>
      {outputs.length > 1 && (
        <Select
          mb="sm"
          aria-label={words.tabs.output}
          allowDeselect={false}
          value={String(chosen)}
          onChange={(value) => setChosen(Number(value))}
          data={outputs.map(({ port, node }, n) => ({
            value: String(n),
            label: node === null ? words.toNowhere(port + 1) : words.toNode(port + 1, names(node).name),
          }))}
        />
      )}
      {changes.length === 0 ? (
        <p className={classes.note}>{words.same}</p>
      ) : (
        <div className={classes.diff} role="region" aria-label={words.tabs.diff} tabIndex={0}>
          <table>
            <tbody>
              {changes.map(({ path, kind, before, after }) => (
                <tr key={path} data-kind={kind}>
                  <th scope="row">
                    <code>{path || "msg"}</code>
                    <span>{words[kind]}</span>
                  </th>
                  <td>
                    {kind !== "added" && <del>{brief(before)}</del>}
                    {kind !== "removed" && <ins>{brief(after)}</ins>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {changes.length >= MOST_CHANGES && <p className={classes.note}>{words.tooMany(MOST_CHANGES)}</p>}
    </>
  );
}
