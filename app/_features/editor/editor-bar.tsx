"use client";

import { Button } from "@mantine/core";
import { IconArrowLeft, IconPlayerPlayFilled } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useState, type RefObject } from "react";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { useStartRun } from "../flows/run-flow.tsx";
import { useTRPC } from "../trpc/provider.tsx";
import { editorWords } from "./editor-words.ts";
import { deployEditor, type EditorState } from "./watch-editor.ts";
import classes from "./editor.module.css";

interface EditorBarProps {
  frame: RefObject<HTMLIFrameElement | null>;
  /** Null: the editor is not there yet. */
  state: EditorState | null;
  tab: string | null;
  notice: string | null;
}

/** Above the editor: which flow, whether it is deployed, run it on the engine, the way back. */
export function EditorBar({ frame, state, tab, notice }: EditorBarProps) {
  const words = useWords(editorWords);
  const trpc = useTRPC();
  const mine = useQuery(trpc.flows.list.queryOptions({ mine: true, limit: 200 }));
  const flow = mine.data?.items.find(({ tabId }) => tabId === tab);
  return (
    <header className={classes.bar}>
      <Button
        component={Link}
        href={flow ? `/flows/${flow.id}` : "/flows"}
        size="compact-sm"
        variant="subtle"
        color="gray"
        leftSection={<IconArrowLeft size={16} />}
      >
        {flow ? words.back : words.backAll}
      </Button>
      <h1>{flow?.name ?? words.editor}</h1>
      {state && (
        <span role="status">
          <StateBadge
            state={state.dirty ? "attention" : "ok"}
            word={state.dirty ? words.unsaved : words.saved}
            variant="plain"
            size="sm"
          />
        </span>
      )}
      {notice && <span className={classes.notice}>{notice}</span>}
      <span className={classes.gap} />
      {state &&
        (flow ? (
          <RunOnEngine key={flow.id} flowId={flow.id} frame={frame} dirty={state.dirty} />
        ) : (
          state.tab && <span className={classes.notice}>{words.noFlow}</span>
        ))}
    </header>
  );
}

function RunOnEngine(props: { flowId: string; frame: EditorBarProps["frame"]; dirty: boolean }) {
  const { flowId, frame, dirty } = props;
  const words = useWords(editorWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { run, busy } = useStartRun(flowId);
  const [deploying, setDeploying] = useState(false);
  const start = async () => {
    if (dirty && frame.current) {
      setDeploying(true);
      const done = await deployEditor(frame.current);
      setDeploying(false);
      if (!done) return; // the editor says why
      await queries.invalidateQueries(trpc.flows.pathFilter());
    }
    run({});
  };
  return (
    <Button
      size="compact-sm"
      leftSection={<IconPlayerPlayFilled size={14} />}
      loading={busy || deploying}
      onClick={() => void start()}
    >
      {dirty ? words.deployAndRun : words.run}
    </Button>
  );
}
