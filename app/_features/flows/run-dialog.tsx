"use client";

import { Button, Modal, Select, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { useAfterMount } from "#app/_ui/load/use-after-mount.ts";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { FlowDetail } from "#server/features/flows/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { flowWords } from "./flow-words.ts";
import { parseInput } from "./parse-input.ts";
import classes from "./flows.module.css";

/** A run with an input of one's own, from a start of one's choice. */
export function RunDialog({ flow, opened, onClose }: { flow: FlowDetail; opened: boolean; onClose: () => void }) {
  const words = useWords(flowWords);
  const router = useRouter();
  const mounted = useAfterMount();
  const [start, setStart] = useState(flow.starts[0]?.node ?? null);
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const run = useMutation(
    useTRPC().flows.run.mutationOptions({ onSuccess: ({ runId }) => router.push(`/runs/${runId}`) }),
  );
  return (
    <Modal opened={opened && mounted} onClose={onClose} title={words.runTitle} size="lg">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          const parsed = parseInput(typed);
          if ("problem" in parsed) return setProblem(words.invalidJson(parsed.problem));
          run.mutate({ id: flow.id, ...(start ? { start } : {}), ...parsed });
        }}
      >
        <Select
          label={words.start}
          allowDeselect={false}
          value={start}
          onChange={setStart}
          data={flow.starts.map(({ node, label, kind }) => ({
            value: node,
            label: `${label} (${words.startKinds[kind]})`,
          }))}
        />
        <Textarea
          label={words.input}
          description={words.inputHint}
          placeholder='{ "machine": "M-101" }'
          error={problem}
          autosize
          minRows={5}
          maxRows={16}
          spellCheck={false}
          classNames={{ input: classes.json ?? "" }}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setProblem(null);
          }}
          data-autofocus
        />
        <FormErrors error={run.error} />
        <div className={classes.acts}>
          <Button variant="default" onClick={onClose}>
            {words.cancel}
          </Button>
          <Button type="submit" loading={run.isPending || run.isSuccess}>
            {words.run}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
