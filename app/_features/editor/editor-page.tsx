"use client";

import { useComputedColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { toProblem } from "#app/_ui/feedback/problem.ts";
import { FullFrame } from "#app/_ui/layout/page-frame.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { useTRPC } from "../trpc/provider.tsx";
import { EditorBar } from "./editor-bar.tsx";
import { EditorWaiting, PodNotice } from "./editor-waiting.tsx";
import { editorWords } from "./editor-words.ts";
import { LeaveGuard } from "./leave-guard.tsx";
import { useMyPod } from "./use-my-pod.ts";
import { dressEditor, watchEditor, type EditorState } from "./watch-editor.ts";
import classes from "./editor.module.css";

const HOME = "/flows/editor/";

/** The person's own Node-RED within the shell. `flowId`: the flow whose tab is opened. */
export function EditorPage({ flowId }: { flowId: string | null }) {
  const words = useWords(editorWords);
  const trpc = useTRPC();
  const { pod, error, since, reopen } = useMyPod();
  const asked = useQuery(trpc.flows.byId.queryOptions({ id: flowId ?? "" }, { enabled: flowId !== null }));
  const flow = asked.data;
  const isMissing = asked.isError && !flow && toProblem(asked.error).status === 404;
  // the tab is part of the frame's address: which one is known before the frame is made
  const known = flowId === null || !asked.isPending;
  const [openedWith, setOpenedWith] = useState<string | null>(null);
  if (pod?.state === "ready" && openedWith === null) setOpenedWith(pod.podId);
  const tab = flow?.mine ? flow.tabId : null;

  return (
    <FullFrame>
      {openedWith === null || !known ? (
        <EditorWaiting pod={pod} error={error} since={since} onRetry={reopen} />
      ) : (
        <OpenEditor
          key={openedWith}
          tab={tab}
          notice={isMissing ? words.missingFlow : flow && !flow.mine ? words.notMine(flow.ownerName) : null}
          gone={pod !== null && pod.state !== "ready" ? "gone" : pod?.podId !== openedWith ? "moved" : null}
          onReopen={() => {
            setOpenedWith(null);
            reopen();
          }}
        />
      )}
    </FullFrame>
  );
}

interface OpenEditorProps {
  tab: string | null;
  notice: string | null;
  gone: "gone" | "moved" | null;
  onReopen: () => void;
}

function OpenEditor({ tab, notice, gone, onReopen }: OpenEditorProps) {
  const words = useWords(editorWords);
  const frame = useRef<HTMLIFrameElement>(null);
  const dark = useComputedColorScheme("light") === "dark";
  const [state, setState] = useState<EditorState | null>(null);
  const dress = useEffectEvent(() => {
    if (frame.current) dressEditor(frame.current, dark);
  });
  useEffect(() => {
    if (!frame.current) return undefined;
    return watchEditor(frame.current, { onReady: () => dress(), onState: setState });
  }, []);
  useEffect(() => {
    if (frame.current) dressEditor(frame.current, dark);
  }, [dark]);
  return (
    <>
      <EditorBar frame={frame} state={state} tab={state?.tab ?? tab} notice={notice} />
      {gone && <PodNotice gone={gone} onReopen={onReopen} />}
      <p className={classes.phone}>{words.phone}</p>
      <LeaveGuard active={state?.dirty === true} />
      <div className={classes.stage}>
        {/* Our own editor from our own address, which the bar talks with: a sandbox that allows both is none. */}
        {/* oxlint-disable-next-line react/iframe-missing-sandbox */}
        <iframe
          ref={frame}
          className={classes.frame}
          title={words.frame}
          allow="clipboard-read; clipboard-write"
          src={tab ? `${HOME}#flow/${encodeURIComponent(tab)}` : HOME}
          onLoad={() => {
            if (frame.current) dressEditor(frame.current, dark);
          }}
        />
        {state === null && (
          <p className={classes.loading} role="status">
            {words.loading}
          </p>
        )}
      </div>
    </>
  );
}
