"use client";

import { Button, NumberInput, Select, Textarea, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { fieldMessages, toProblem } from "#app/_ui/feedback/problem.ts";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { Duration } from "#app/_ui/time/duration.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ToolView } from "#server/features/upstreams/schema.ts";
import { ResultChart, useChosenChart } from "../results/result-chart.tsx";
import { ResultView } from "../results/result-view.tsx";
import { useTRPC } from "../trpc/provider.tsx";
import { adminWords } from "./admin-words.ts";
import { argumentsOf, fieldsOf, type Field } from "./schema-fields.ts";
import classes from "./admin.module.css";

/** Calls a tool that only reads, with a form made from its schema. */
export function TryTool({ tool }: { tool: ToolView }) {
  const words = useWords(adminWords);
  const [fields] = useState(() => fieldsOf(tool.inputSchema));
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const call = useMutation(useTRPC().upstreams.tryTool.mutationOptions());
  const chart = useChosenChart(call.data?.failed === false ? call.data.value : null);

  const submit = () => {
    const { args, problems } = argumentsOf(fields, typed);
    const said = Object.entries(problems).map(([name, problem]) => [
      name,
      problem === "json" ? words.invalidJson : words.required,
    ]);
    setWrong(Object.fromEntries(said));
    if (said.length > 0) return;
    call.mutate(
      { name: tool.name, args },
      // the gateway names arguments by their path below `args`
      { onError: (error) => setWrong(withoutPrefix(fieldMessages(toProblem(error)))) },
    );
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
        {fields.length === 0 && <p className={classes.note}>{words.noArguments}</p>}
        {fields.map((field) => (
          <ArgumentInput
            key={field.name}
            field={field}
            value={typed[field.name] ?? ""}
            error={wrong[field.name]}
            onChange={(value) => setTyped({ ...typed, [field.name]: value })}
          />
        ))}
        <FormErrors error={call.error} />
        <div className={classes.acts}>
          <Button type="submit" loading={call.isPending}>
            {words.call}
          </Button>
        </div>
      </form>
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

const withoutPrefix = (messages: Record<string, string>) =>
  Object.fromEntries(Object.entries(messages).map(([path, message]) => [path.replace(/^args\./, ""), message]));

function ArgumentInput(props: {
  field: Field;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}) {
  const { field, value, error, onChange } = props;
  const words = useWords(adminWords);
  const common = {
    label: field.label,
    description: field.description,
    withAsterisk: field.required,
    ...(error ? { error } : {}),
    ...(field.preset ? { placeholder: field.preset } : {}),
  };
  if (field.kind === "choice" || field.kind === "boolean")
    return (
      <Select
        {...common}
        clearable
        placeholder={field.preset ?? words.any}
        value={value || null}
        onChange={(next) => onChange(next ?? "")}
        data={
          field.kind === "boolean"
            ? [
                { value: "true", label: words.yes },
                { value: "false", label: words.no },
              ]
            : (field.choices ?? [])
        }
      />
    );
  if (field.kind === "number" || field.kind === "integer")
    return (
      <NumberInput
        {...common}
        value={value}
        onChange={(next) => onChange(String(next))}
        allowDecimal={field.kind === "number"}
        {...(field.min === undefined ? {} : { min: field.min })}
        {...(field.max === undefined ? {} : { max: field.max })}
      />
    );
  if (field.kind === "json")
    return (
      <Textarea
        {...common}
        autosize
        minRows={2}
        maxRows={10}
        spellCheck={false}
        styles={{ input: { fontFamily: "var(--osf-mono)" } }}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  return <TextInput {...common} value={value} onChange={(event) => onChange(event.currentTarget.value)} />;
}
