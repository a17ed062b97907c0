"use client";

import { Button, TextInput } from "@mantine/core";
import { useHash } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useEffect, useMemo, useState } from "react";
import { CopyButton } from "#app/_ui/copy/copy-button.tsx";
import { NoMatch } from "#app/_ui/feedback/no-match.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { ListSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { PageFrame } from "#app/_ui/layout/page-frame.tsx";
import { PageHeader } from "#app/_ui/layout/page-header.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { docsWords } from "./docs-words.ts";
import { findOperations, readOperations, type OpenApiDocument, type Operation, type Schemas } from "./openapi.ts";
import { OperationEntry } from "./operation-entry.tsx";
import classes from "./docs.module.css";

async function loadDocument(signal: AbortSignal): Promise<OpenApiDocument> {
  const response = await fetch("/openapi.json", { headers: { Accept: "application/json" }, signal });
  const body: unknown = await response.json();
  if (!response.ok) throw body; // a problem document, which is what is shown
  return body as OpenApiDocument; // written by the gateway itself
}

/** The HTTP API from its own description; the open operation stands in the address. */
export function ApiDocs({ version }: { version: string }) {
  const words = useWords(docsWords);
  const document = useQuery({
    queryKey: ["openapi", version],
    queryFn: ({ signal }) => loadDocument(signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <PageFrame>
      <PageHeader
        title={words.title}
        aside={<span className={classes.dim}>{version}</span>}
        description={words.lead}
        actions={
          <>
            <Button component="a" href="/openapi.json" variant="default">
              {words.document}
            </Button>
            <CopyButton value={() => `${location.origin}/openapi.json`} what={words.documentWhat} />
          </>
        }
      />
      <p className={classes.hint}>
        {words.keyHint} <code>$OSF_KEY</code>. <Link href="/settings/api-keys">{words.createKey}</Link>
      </p>
      {document.data ? (
        <Operations document={document.data} />
      ) : (
        <Panel flush>
          {document.isError ? (
            <ErrorState
              error={document.error}
              title={words.failed}
              onRetry={() => void document.refetch()}
              retrying={document.isFetching}
            />
          ) : (
            <ListSkeleton rows={12} />
          )}
        </Panel>
      )}
    </PageFrame>
  );
}

function Operations({ document }: { document: OpenApiDocument }) {
  const words = useWords(docsWords);
  const [typed, setTyped] = useState("");
  const all = useMemo(() => readOperations(document), [document]);
  const groups = findOperations(all, typed);
  const schemas = document.components?.schemas ?? {};
  const count = groups.reduce((sum, { operations }) => sum + operations.length, 0);
  return (
    <div className={classes.layout}>
      <div className={classes.side}>
        <TextInput
          type="search"
          aria-label={words.search}
          placeholder={words.search}
          leftSection={<IconSearch size={16} />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <p className={classes.dim} role="status">
          {words.count(count)}
        </p>
        <nav aria-label={words.areas}>
          <ul className={classes.areas}>
            {groups.map(({ tag, operations }) => (
              <li key={tag}>
                <a href={`#${anchorOf(tag)}`}>
                  {tag} <span>{operations.length}</span>
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </div>
      <div className={classes.groups}>
        {groups.length === 0 && (
          <Panel>
            <NoMatch title={words.none(typed)} clear={words.clear} onClear={() => setTyped("")}>
              {words.noneText}
            </NoMatch>
          </Panel>
        )}
        {groups.map(({ tag, operations }) => (
          <div key={tag} id={anchorOf(tag)} className={classes.group}>
            <Panel flush title={tag}>
              <Group operations={operations} schemas={schemas} />
            </Panel>
          </div>
        ))}
      </div>
    </div>
  );
}

const anchorOf = (tag: string) => `area-${tag.replaceAll(/\W+/g, "-").toLowerCase()}`;

function Group({ operations, schemas }: { operations: Operation[]; schemas: Schemas }) {
  const [hash] = useHash();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const named = decodeURIComponent(hash.slice(1));
  const mine = operations.some(({ id }) => id === named);
  useEffect(() => {
    // the browser looked for it before the operations were there
    if (mine) window.document.getElementById(named)?.scrollIntoView({ block: "start" });
  }, [mine, named]);

  const isOpen = (id: string) => open.has(id) || (id === named && !closed.has(id));
  const toggle = (id: string) => {
    const next = !isOpen(id);
    setOpen(withOrWithout(open, id, next));
    setClosed(withOrWithout(closed, id, !next));
    // the address names what was opened last, without a step in the history
    if (next) history.replaceState(history.state, "", `#${id}`);
  };
  return (
    <ul className={classes.operations}>
      {operations.map((operation) => (
        <OperationEntry
          key={operation.id}
          operation={operation}
          schemas={schemas}
          origin={location.origin}
          opened={isOpen(operation.id)}
          onToggle={() => toggle(operation.id)}
        />
      ))}
    </ul>
  );
}

function withOrWithout(set: ReadonlySet<string>, one: string, present: boolean): ReadonlySet<string> {
  const copy = new Set(set);
  if (present) copy.add(one);
  else copy.delete(one);
  return copy;
}
