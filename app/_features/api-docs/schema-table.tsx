"use client";

import { useWords } from "#app/_ui/words/locale.tsx";
import { docsWords } from "./docs-words.ts";
import { codeIn } from "./inline-text.tsx";
import type { Schema, Schemas } from "./openapi.ts";
import { schemaRows, type SchemaRow } from "./schema-rows.ts";
import classes from "./docs.module.css";

/** The fields of a body or an answer, nested ones indented below their parent. */
export function SchemaTable(props: { schema: Schema; schemas: Schemas; label: string; answer?: boolean }) {
  const { schema, schemas, label, answer = false } = props;
  const words = useWords(docsWords);
  const rows = schemaRows(schema, schemas);
  if (rows.length === 0) return <p className={classes.dim}>{words.noFields}</p>;
  return <FieldTable rows={rows} label={label} answer={answer} />;
}

const indent = (depth: number) => ({ paddingInlineStart: `${0.75 + depth * 1.125}rem` });

export function FieldTable({
  rows,
  label,
  places,
  answer = false,
}: {
  rows: SchemaRow[];
  label: string;
  places?: string[];
  /** One sends what is required, and reads what is there: an answer marks only what may be missing. */
  answer?: boolean;
}) {
  const words = useWords(docsWords);
  return (
    // it scrolls sideways on a phone: without focus the keyboard cannot reach what is out of sight
    <div className={classes.scroll} tabIndex={0} role="group" aria-label={label}>
      <table className={classes.fields}>
        <thead>
          <tr>
            <th scope="col">{words.field}</th>
            {places && <th scope="col">{words.in}</th>}
            <th scope="col">{words.type}</th>
            <th scope="col">{words.meaning}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) =>
            row.name === "" && row.depth + rows.length > 1 ? (
              <tr key={row.key} data-variant>
                <th scope="row" colSpan={places ? 4 : 3} style={indent(row.depth)}>
                  <code>{row.type}</code>
                  {row.description && <span className={classes.dim}> {row.description}</span>}
                </th>
              </tr>
            ) : (
              <tr key={row.key}>
                <th scope="row" style={indent(row.depth)}>
                  <code>{row.name || words.whole}</code>
                  {row.required && !answer && <span className={classes.required}>{words.required}</span>}
                  {!row.required && answer && <span className={classes.optional}>{words.optional}</span>}
                </th>
                {places && <td>{places[index]}</td>}
                <td className={classes.type}>{row.type}</td>
                <td>
                  <Meaning row={row} />
                </td>
              </tr>
            ),
          )}
        </tbody>
      </table>
    </div>
  );
}

function Meaning({ row }: { row: SchemaRow }) {
  const words = useWords(docsWords);
  return (
    <div className={classes.meaning}>
      {row.description && <p>{codeIn(row.description)}</p>}
      {row.values.length > 0 && (
        <p>
          {words.oneOf}{" "}
          {row.values.map((value) => (
            <code key={value}>{value}</code>
          ))}
        </p>
      )}
      {row.limits.length > 0 && <p className={classes.dim}>{row.limits.join(" · ")}</p>}
    </div>
  );
}
