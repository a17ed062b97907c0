"use client";

import { Button, Loader } from "@mantine/core";
import { IconMoonStars, IconRefresh } from "@tabler/icons-react";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { Notice } from "#app/_ui/feedback/notice.tsx";
import { useNow, useWords } from "#app/_ui/words/locale.tsx";
import type { SeatPod } from "#server/features/pods/schema.ts";
import { editorWords } from "./editor-words.ts";
import classes from "./editor.module.css";

/** Longer than this a cold start should not take. */
const SLOW_MS = 12_000;
/** From when on the time that has passed is worth a figure. */
const TELL_MS = 2_000;

/** What stands there until the pod is ready: how far it is, the place in the queue, or why it is not. */
export function EditorWaiting(props: { pod: SeatPod | null; error: unknown; since: number; onRetry: () => void }) {
  const { pod, error, since, onRetry } = props;
  const words = useWords(editorWords);
  const now = useNow(() => 1_000);
  if (error)
    return (
      <div className={classes.center}>
        <ErrorState
          size="page"
          error={error}
          title={words.failed}
          consequence={words.failedConsequence}
          onRetry={onRetry}
        />
      </div>
    );
  const waited = Math.max(0, now - since);
  const queued = pod?.state === "queued";
  return (
    <div className={classes.center}>
      <Notice
        size="page"
        heading
        role="status"
        icon={<Loader size={28} />}
        title={queued ? words.queued(pod.place ?? 1) : pod?.state === "starting" ? words.starting : words.opening}
      >
        <p>{queued ? words.queuedHint : waited > SLOW_MS ? words.slow : words.openingHint}</p>
        {waited > TELL_MS && (
          <p className={classes.figure} aria-live="off">
            {words.seconds(Math.round(waited / 1_000))}
          </p>
        )}
      </Notice>
    </div>
  );
}

/** Above an editor whose pod is no longer the one that it was loaded from. */
export function PodNotice({ gone, onReopen }: { gone: "gone" | "moved"; onReopen: () => void }) {
  const words = useWords(editorWords);
  return (
    <div className={classes.gone} role="alert">
      <IconMoonStars size={18} aria-hidden="true" />
      <p>
        <strong>{words[gone]}</strong> {gone === "gone" ? words.goneHint : words.movedHint}
      </p>
      <Button size="compact-sm" variant="default" leftSection={<IconRefresh size={14} />} onClick={onReopen}>
        {gone === "gone" ? words.reopen : words.reload}
      </Button>
    </div>
  );
}
