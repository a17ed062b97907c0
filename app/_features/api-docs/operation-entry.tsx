"use client";

import { IconChevronRight, IconLink, IconLock, IconLockOpen } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { CodeBlock } from "#app/_ui/copy/code-block.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { curlOf } from "./curl.ts";
import { docsWords } from "./docs-words.ts";
import { codeIn, InlineText } from "./inline-text.tsx";
import type { Operation, Schemas } from "./openapi.ts";
import { schemaRows } from "./schema-rows.ts";
import { FieldTable, SchemaTable } from "./schema-table.tsx";
import classes from "./docs.module.css";

/** One operation: a line that opens to all there is to know for calling it. */
export function OperationEntry({
  operation,
  schemas,
  origin,
  opened,
  onToggle,
}: {
  operation: Operation;
  schemas: Schemas;
  origin: string;
  opened: boolean;
  onToggle: () => void;
}) {
  const { id, method, path, summary } = operation;
  return (
    <li id={id} className={classes.operation}>
      <h3>
        <button type="button" aria-expanded={opened} aria-controls={`${id}-details`} onClick={onToggle}>
          <IconChevronRight size={16} aria-hidden="true" />
          <span className={classes.method} data-method={method}>
            {method}
          </span>
          <code className={classes.path}>{path}</code>
          <span className={classes.summary}>{summary}</span>
        </button>
      </h3>
      <div id={`${id}-details`} hidden={!opened}>
        {opened && <Details operation={operation} schemas={schemas} origin={origin} />}
      </div>
    </li>
  );
}

function Details({ operation, schemas, origin }: { operation: Operation; schemas: Schemas; origin: string }) {
  const words = useWords(docsWords);
  const { id, needs, signedIn, description, parameters, body, answers } = operation;
  const [success, ...failures] = answers;
  return (
    <div className={classes.details}>
      <div className={classes.access}>
        {signedIn ? <IconLock size={16} aria-hidden="true" /> : <IconLockOpen size={16} aria-hidden="true" />}
        {needs ? (
          <span>
            {words.needs} <code>{needs.permission}</code>,{" "}
            {needs.role === "person" ? words.anybody : words.fromRole(needs.role)}
          </span>
        ) : (
          <span>{signedIn ? words.signedIn : words.open}</span>
        )}
        <a href={`#${id}`} aria-label={words.link}>
          <IconLink size={16} aria-hidden="true" />
        </a>
      </div>
      {description && (
        <div className={classes.prose}>
          <InlineText text={description} />
        </div>
      )}
      <CodeBlock title={words.example} code={curlOf(operation, schemas, origin)} />
      {parameters.length > 0 && (
        <Part title={words.parameters}>
          <FieldTable
            label={words.parameters}
            places={parameters.map((one) => one.in)}
            rows={parameters.flatMap((one) => {
              const [row] = schemaRows({ type: "object", properties: { [one.name]: one.schema } }, schemas);
              return row ? [{ ...row, required: one.required === true }] : [];
            })}
          />
        </Part>
      )}
      {body && (
        <Part title={words.body} aside="application/json">
          <SchemaTable schema={body} schemas={schemas} label={words.body} />
        </Part>
      )}
      {success && (
        <Part title={`${words.answer} ${success.status}`} aside={success.type}>
          {success.schema && <SchemaTable schema={success.schema} schemas={schemas} label={words.answer} answer />}
        </Part>
      )}
      {failures.length > 0 && (
        <Part title={words.failures} aside="application/problem+json">
          <dl className={classes.failures}>
            {failures.map(({ status, description: text }) => (
              <div key={status}>
                <dt>{status}</dt>
                <dd>{codeIn(text)}</dd>
              </div>
            ))}
          </dl>
        </Part>
      )}
    </div>
  );
}

function Part({ title, aside, children }: { title: string; aside?: string | null; children: ReactNode }) {
  return (
    <section className={classes.part}>
      <h4>
        {title}
        {aside && <code>{aside}</code>}
      </h4>
      {children}
    </section>
  );
}
