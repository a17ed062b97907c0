"use client";

import { ActionIcon, Drawer, Tabs } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { CodeBlock } from "#app/_ui/copy/code-block.tsx";
import { ShortId } from "#app/_ui/copy/short-id.tsx";
import { formatNumber } from "#app/_ui/data/units.ts";
import { KeyValue } from "#app/_ui/data/key-value.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { TextSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { toProblem } from "#app/_ui/feedback/problem.ts";
import { ConfirmButton } from "#app/_ui/form/confirm-button.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { Tooltip } from "#app/_ui/tooltip/tooltip.tsx";
import { useLocale, useWords } from "#app/_ui/words/locale.tsx";
import type { PodView } from "#server/features/pods/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { PodEvents } from "./pod-events.tsx";
import { busyWith, isOver, POD_STATE, seatOf } from "./pod-state.ts";
import { podWords } from "./pod-words.ts";
import classes from "./pods.module.css";

/** One pod: what it is, what it said, what happened to it, and its release. */
export function PodDrawer({ pod, onClose }: { pod: PodView | null; onClose: () => void }) {
  const words = useWords(podWords);
  // the words stay while it slides out
  const [shown, setShown] = useState(pod);
  if (pod && pod !== shown) setShown(pod);
  return (
    <Drawer
      opened={pod !== null}
      onClose={onClose}
      position="right"
      size="min(48rem, 100vw)"
      title={shown ? seatOf(shown) || words.states[shown.state] : ""}
    >
      {shown && <PodDetails key={shown.id} pod={shown} />}
    </Drawer>
  );
}

function PodDetails({ pod }: { pod: PodView }) {
  const words = useWords(podWords);
  const locale = useLocale();
  const [tab, setTab] = useState<"logs" | "events">("logs");
  return (
    <div className={classes.details}>
      <KeyValue
        layout="columns"
        items={[
          {
            label: words.state,
            value: <StateBadge state={POD_STATE[pod.state]} word={words.states[pod.state]} variant="plain" size="sm" />,
          },
          { label: words.busy, value: busyWith(pod.busy, words) || words.idle },
          {
            label: words.memory,
            value: pod.memoryMb === null ? undefined : `${formatNumber(pod.memoryMb, locale)} MB`,
          },
          { label: words.age, value: <RelativeTime at={pod.createdAt} /> },
          { label: words.activity, value: pod.lastActivityAt ? <RelativeTime at={pod.lastActivityAt} /> : words.never },
          { label: words.ended, value: pod.endedAt && <RelativeTime at={pod.endedAt} /> },
          { label: words.reason, value: pod.reason },
          { label: words.driver, value: pod.driver },
          { label: words.version, value: <code>{pod.version}</code> },
          { label: words.id, value: <ShortId id={pod.id} /> },
        ]}
      />
      {!isOver(pod) && <Release pod={pod} />}
      <Tabs value={tab} onChange={(next) => setTab(next === "events" ? "events" : "logs")} keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="logs">{words.logs}</Tabs.Tab>
          <Tabs.Tab value="events">{words.events}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="logs">
          <PodLogs id={pod.id} />
        </Tabs.Panel>
        <Tabs.Panel value="events">
          <PodEvents podId={pod.id} />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}

/** Asks first, says what it interrupts, and offers force only where the server has said that the pod is at work. */
function Release({ pod }: { pod: PodView }) {
  const words = useWords(podWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const release = useMutation(trpc.pods.release.mutationOptions());
  const [atWork, setAtWork] = useState(false);
  const end = async (force: boolean) => {
    try {
      await release.mutateAsync({ id: pod.id, force });
    } catch (error) {
      if (toProblem(error).code === "pod.busy") setAtWork(true);
      throw error;
    }
    await queries.invalidateQueries(trpc.pods.pathFilter());
  };
  const seat = seatOf(pod);
  const busy = busyWith(pod.busy, words);
  return (
    <div className={classes.acts}>
      <ConfirmButton
        title={seat ? words.releaseTitle(seat) : words.releaseWarmTitle}
        description={seat ? words.releaseText : words.releaseWarmText}
        takes={busy ? [words.releaseBusy(busy)] : []}
        confirm={words.release}
        onConfirm={() => end(false)}
      >
        {words.release}
      </ConfirmButton>
      {(atWork || pod.state === "draining") && (
        <ConfirmButton
          title={words.forceTitle}
          description={words.forceText}
          takes={busy ? [words.releaseBusy(busy)] : []}
          confirm={words.force}
          onConfirm={() => end(true)}
        >
          {words.force}
        </ConfirmButton>
      )}
    </div>
  );
}

function PodLogs({ id }: { id: string }) {
  const words = useWords(podWords);
  const query = useQuery(useTRPC().pods.logs.queryOptions({ id, lines: 500 }, { staleTime: 0 }));
  if (query.isError)
    return <ErrorState error={query.error} title={words.logsFailed} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <TextSkeleton lines={6} />;
  const text = query.data.text;
  return (
    <div className={classes.logs}>
      <Tooltip label={words.refresh}>
        <ActionIcon aria-label={words.refresh} loading={query.isFetching} onClick={() => void query.refetch()}>
          <IconRefresh size={16} />
        </ActionIcon>
      </Tooltip>
      {text.trim() === "" ? <p>{words.noLogs}</p> : <CodeBlock code={text} maxHeight="60vh" />}
    </div>
  );
}
