"use client";

import { ActionIcon, TextInput } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useRef, useState } from "react";
import { toProblem } from "#app/_ui/feedback/problem.ts";
import { MenuOnDemand } from "#app/_ui/menu/menu-on-demand.tsx";
import { StateIcon } from "#app/_ui/state/state-icon.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ChatSessionView } from "#server/features/chat/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { chatWords } from "./chat-words.ts";
import classes from "./chat-frame.module.css";

const loadMenu = () => import("./session-menu.tsx").then((module) => module.SessionMenu);
const MAX_TITLE = 120;

export function SessionRow(props: { session: ChatSessionView; current: boolean; onDelete: () => void }) {
  const { session, current, onDelete } = props;
  const words = useWords(chatWords);
  const [renaming, setRenaming] = useState(false);
  return (
    <li className={classes.row} data-current={current || undefined}>
      {renaming ? (
        <Rename session={session} onDone={() => setRenaming(false)} />
      ) : (
        <>
          {session.activeRunId && <StateIcon state="running" size={14} label={words.answering} />}
          <Link
            href={`/chat/${session.id}`}
            className={classes.link}
            title={session.title}
            {...(current ? { "aria-current": "page" as const } : {})}
          >
            {session.title}
          </Link>
          <MenuOnDemand
            load={loadMenu}
            props={{ onRename: () => setRenaming(true), onDelete }}
            button={
              <ActionIcon className={classes.menu} aria-label={words.menu(session.title)}>
                <IconDots size={16} />
              </ActionIcon>
            }
          />
        </>
      )}
    </li>
  );
}

/** Enter or leaving the field keeps the name, Escape the old one. */
function Rename({ session, onDone }: { session: ChatSessionView; onDone: () => void }) {
  const words = useWords(chatWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [title, setTitle] = useState(session.title);
  const over = useRef(false);
  const rename = useMutation(
    trpc.chat.rename.mutationOptions({
      onSuccess: async () => {
        await Promise.all([
          queries.invalidateQueries(trpc.chat.sessions.pathFilter()),
          queries.invalidateQueries(trpc.chat.session.queryFilter({ id: session.id })),
        ]);
        onDone();
      },
    }),
  );
  const save = () => {
    const next = title.trim();
    if (over.current || rename.isPending) return;
    if (next === "" || next === session.title) return onDone();
    rename.mutate({ id: session.id, title: next });
  };
  return (
    <form
      className={classes.rename}
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <TextInput
        aria-label={words.newName}
        size="xs"
        maxLength={MAX_TITLE}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          over.current = true;
          onDone();
        }}
        // the person has just asked to type here
        // oxlint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        onFocus={(event) => event.currentTarget.select()}
        disabled={rename.isPending}
        error={rename.isError ? toProblem(rename.error).message : undefined}
      />
    </form>
  );
}
