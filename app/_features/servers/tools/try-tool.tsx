"use client";

import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { ConfirmDialog } from "#app/_ui/form/confirm-dialog.tsx";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { Duration } from "#app/_ui/time/duration.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ToolView } from "#server/features/upstreams/schema.ts";
import { ResultChart, useChosenChart } from "../../results/result-chart.tsx";
import { ResultView } from "../../results/result-view.tsx";
import { SchemaInputs } from "../../schema-form/schema-inputs.tsx";
import { useSchemaForm } from "../../schema-form/use-schema-form.ts";
import { useTRPC } from "../../trpc/provider.tsx";
import { serversWords } from "../servers-words.ts";
import classes from "../servers.module.css";

/** Calls a tool with a form made from its schema. One that changes something asks once. */
export function TryTool({ tool }: { tool: ToolView }) {
  const words = useWords(serversWords);
  const form = useSchemaForm(tool.inputSchema);
  const call = useMutation(useTRPC().upstreams.tryTool.mutationOptions());
  const chart = useChosenChart(call.data?.failed === false ? call.data.value : null);

  const [asking, ask] = useDisclosure(false);
  const perform = (args: Record<string, unknown>) =>
    // the gateway names arguments by their path below `args`
    call.mutate({ name: tool.name, args }, { onError: (error) => form.refuse(error, "args") });

  const submit = () => {
    const args = form.read();
    if (!args) return;
    if (tool.class === "read") perform(args);
    else ask.open();
  };

  return (
    <>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {form.fields.length === 0 && <p className={classes.note}>{words.noArguments}</p>}
        <SchemaInputs {...form.inputs} />
        {tool.class !== "read" && (
          <p className={classes.note}>
            {words.classHint[tool.class]} {words.tryWrites}
          </p>
        )}
        <FormErrors error={call.error} />
        <div className={classes.acts}>
          <Button type="submit" loading={call.isPending}>
            {words.call}
          </Button>
        </div>
      </form>
      <ConfirmDialog
        opened={asking}
        onClose={ask.close}
        title={words.callTitle(tool.title)}
        description={words.tryWrites}
        confirm={words.call}
        onConfirm={() => {
          const args = form.read();
          if (args) perform(args);
        }}
        danger={tool.class === "dangerous"}
      />
      {call.data && (
        <section className={classes.result} aria-label={words.result}>
          <p className={classes.resultHead} role="status">
            <StateBadge
              state={call.data.failed ? "fault" : "ok"}
              word={call.data.failed ? words.toolFailed : words.result}
              variant="plain"
            />
            <Duration ms={call.data.durationMs} />
          </p>
          <ResultView result={call.data.failed ? call.data.text : call.data.value} tool={tool.name} />
          {chart && <ResultChart chart={chart} />}
        </section>
      )}
    </>
  );
}
