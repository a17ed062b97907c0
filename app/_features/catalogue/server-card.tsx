"use client";

import { Anchor, Button } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useId } from "react";
import { ConfirmButton } from "#app/_ui/form/confirm-button.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import type { State } from "#app/_ui/state/states.ts";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { FoundServer } from "#server/features/catalogue/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { catalogueWords } from "./catalogue-words.ts";
import classes from "./catalogue.module.css";

const STATE: Record<NonNullable<FoundServer["state"]>, State> = {
  ok: "ok",
  connecting: "running",
  down: "fault",
  disabled: "idle",
};

/** One server of the catalogue: what it is for, whether one has it, and the one thing to do next. */
export function ServerCard(props: {
  server: FoundServer;
  /** The person activated it and may undo that. */
  removable: boolean;
  onActivate: () => void;
  onTag: (tag: string) => void;
}) {
  const { server, removable, onActivate, onTag } = props;
  const { name, title, publisher, tags, transport, auth, homepage, registered, active, mayActivate } = server;
  const words = useWords(catalogueWords);
  const heading = useId();
  const needs = [words.transports[transport], auth && words.auths[auth]].filter(Boolean).join(" · ");
  return (
    <article className={classes.card} aria-labelledby={heading} data-active={active || undefined}>
      <header className={classes.head}>
        <div>
          <h2 id={heading}>{title}</h2>
          {publisher && <p className={classes.dim}>{words.by(publisher)}</p>}
        </div>
        {active ? (
          <StateBadge
            state={STATE[server.state ?? "ok"]}
            word={words.states[server.state ?? "ok"]}
            variant="plain"
            size="sm"
          />
        ) : (
          registered && <StateBadge state="idle" word={words.registered} variant="plain" size="sm" />
        )}
      </header>
      <p className={classes.text}>{server.description}</p>
      <ul className={classes.tags}>
        {tags.map((tag) => (
          <li key={tag}>
            <button type="button" onClick={() => onTag(tag)}>
              {tag}
            </button>
          </li>
        ))}
      </ul>
      <p className={classes.dim}>{needs}</p>
      <footer className={classes.foot}>
        {homepage ? (
          <Anchor href={homepage} target="_blank" rel="noreferrer" size="sm" aria-label={words.websiteOf(title)}>
            {words.website} <IconExternalLink size={14} aria-hidden="true" />
          </Anchor>
        ) : (
          <span />
        )}
        <span className={classes.acts}>
          {active ? (
            <>
              {removable && <Deactivate server={server} />}
              <Button
                component={Link}
                href={`/servers/${encodeURIComponent(name)}`}
                variant="default"
                size="compact-md"
                aria-label={words.openWhat(title)}
              >
                {words.open}
              </Button>
            </>
          ) : mayActivate ? (
            <Button size="compact-md" onClick={onActivate} aria-label={words.activateWhat(title)}>
              {words.activate}
            </Button>
          ) : (
            <span className={classes.dim}>{words.needs[server.activate]}</span>
          )}
        </span>
      </footer>
    </article>
  );
}

function Deactivate({ server: { name, title } }: { server: FoundServer }) {
  const words = useWords(catalogueWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const remove = useMutation(
    trpc.catalogue.remove.mutationOptions({
      onSettled: () =>
        Promise.all([
          queries.invalidateQueries(trpc.catalogue.pathFilter()),
          queries.invalidateQueries(trpc.upstreams.pathFilter()),
        ]),
    }),
  );
  return (
    <ConfirmButton
      title={words.deactivateTitle(title)}
      description={words.deactivateText}
      confirm={words.deactivate}
      onConfirm={() => remove.mutateAsync({ name })}
      danger={false}
      size="compact-md"
      aria-label={`${words.deactivate}: ${title}`}
    >
      {words.deactivate}
    </ConfirmButton>
  );
}
