"use client";

import { Button, Modal, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { useAfterMount } from "#app/_ui/load/use-after-mount.ts";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { RunDetail } from "#server/features/runs/schema.ts";
import { parseInput } from "../flows/parse-input.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { flowRunWords } from "./flow-run-words.ts";
import classes from "./flow-runs.module.css";

/** The input as it was given; nothing where the start made its own message. */
function given(input: unknown): string {
  const { payload } = (typeof input === "object" && input !== null ? input : {}) as { payload?: unknown }; // read as unknown
  return payload === undefined || payload === null ? "" : JSON.stringify(payload, null, 2);
}

/** Another run with the same input, or with one that was changed. */
export function RetryDialog({ run, opened, onClose }: { run: RunDetail; opened: boolean; onClose: () => void }) {
  const words = useWords(flowRunWords);
  const router = useRouter();
  const mounted = useAfterMount();
  const [typed, setTyped] = useState(() => given(run.input));
  const [problem, setProblem] = useState<string | null>(null);
  const retry = useMutation(
    useTRPC().runs.retry.mutationOptions({ onSuccess: ({ runId }) => router.push(`/runs/${runId}`) }),
  );
  return (
    <Modal opened={opened && mounted} onClose={onClose} title={words.retryTitle} size="lg">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          const parsed = parseInput(typed);
          if ("problem" in parsed) return setProblem(words.invalidJson(parsed.problem));
          // left as it was, it is taken from the run itself
          const changed = typed !== given(run.input);
          const other = "input" in parsed ? parsed : { withoutInput: true as const };
          retry.mutate({ id: run.id, from: "start", ...(changed ? other : {}) });
        }}
      >
        <p className={classes.note}>{words.retryHint}</p>
        <Textarea
          label={words.retryInput}
          description={words.retryInputHint}
          error={problem}
          autosize
          minRows={4}
          maxRows={18}
          spellCheck={false}
          classNames={{ input: classes.json ?? "" }}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setProblem(null);
          }}
          data-autofocus
        />
        <FormErrors error={retry.error} />
        <div className={classes.acts}>
          <Button variant="default" onClick={onClose}>
            {words.cancel}
          </Button>
          <Button type="submit" loading={retry.isPending || retry.isSuccess}>
            {words.retry}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
