"use client";

import { Button, Select, Switch, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { FlowDetail } from "#server/features/flows/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { flowToolWords } from "./flow-tool-words.ts";
import classes from "./flows.module.css";

const CLASSES = ["read", "write", "dangerous"] as const;
const NO_ARGUMENTS = { type: "object", properties: {} };
const mono = { input: { fontFamily: "var(--osf-mono)" } };

interface Values {
  isTool: boolean;
  name: string;
  description: string;
  inputSchema: string;
  class: (typeof CLASSES)[number];
}

/** Whether models and MCP clients may run the flow as a tool, and what they are told of it. */
export function FlowToolPanel({ flow, mayWrite }: { flow: FlowDetail; mayWrite: boolean }) {
  const words = useWords(flowToolWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { tool } = flow;
  const form = useForm<Values>({
    initialValues: {
      isTool: tool !== null,
      name: tool?.name ?? nameOf(flow.name),
      description: tool?.description ?? flow.description,
      inputSchema: JSON.stringify(tool?.inputSchema ?? NO_ARGUMENTS, null, 2),
      class: tool?.class ?? "write",
    },
  });
  const set = useMutation(
    trpc.flows.setTool.mutationOptions({
      onSuccess: (_, { tool: made }) =>
        notifications.show({ color: "ok", message: made ? words.saved : words.gone, autoClose: 2_500 }),
      onSettled: () => queries.invalidateQueries(trpc.flows.pathFilter()),
    }),
  );
  const submit = form.onSubmit(({ isTool, name, description, inputSchema, class: kind }) => {
    if (!isTool) return set.mutate({ id: flow.id, tool: null });
    try {
      // what it holds is judged by the server
      const schema = JSON.parse(inputSchema) as { type: "object" };
      return set.mutate({ id: flow.id, tool: { name, description, inputSchema: schema, class: kind } });
    } catch {
      return form.setFieldError("inputSchema", words.invalidJson);
    }
  });
  const target = {
    values: { tool: null },
    setErrors: (errors: Record<string, string>) =>
      form.setErrors(
        Object.fromEntries(
          Object.entries(errors).map(([path, message]) => [path.replace(/^tool\.([^.]+).*$/, "$1"), message]),
        ),
      ),
  };
  if (!mayWrite && !tool)
    return (
      <Panel title={words.title}>
        <p className={classes.note}>{words.none}</p>
      </Panel>
    );
  return (
    <Panel title={words.title} description={words.text}>
      <form className={classes.form} onSubmit={submit} noValidate>
        <Switch label={words.isTool} disabled={!mayWrite} {...form.getInputProps("isTool", { type: "checkbox" })} />
        {form.values.isTool && (
          <>
            <TextInput
              label={words.name}
              description={words.nameHint}
              readOnly={!mayWrite}
              styles={mono}
              {...form.getInputProps("name")}
            />
            <Textarea
              label={words.does}
              description={words.doesHint}
              readOnly={!mayWrite}
              autosize
              minRows={2}
              maxRows={8}
              maxLength={1_000}
              {...form.getInputProps("description")}
            />
            <Select
              label={words.class}
              readOnly={!mayWrite}
              allowDeselect={false}
              data={CLASSES.map((value) => ({ value, label: words.classes[value] }))}
              {...form.getInputProps("class")}
            />
            <Textarea
              label={words.schema}
              description={words.schemaHint}
              readOnly={!mayWrite}
              autosize
              minRows={4}
              maxRows={16}
              spellCheck={false}
              styles={mono}
              {...form.getInputProps("inputSchema")}
            />
          </>
        )}
        <FormErrors error={set.error} form={target} />
        {mayWrite && (
          <div className={classes.acts}>
            <Button type="submit" loading={set.isPending} disabled={!form.values.isTool && tool === null}>
              {words.save}
            </Button>
          </div>
        )}
      </form>
    </Panel>
  );
}

/** A name that a tool may have, from that of the flow. */
const nameOf = (flow: string) =>
  flow
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^[^a-z]+|_+$/g, "")
    .slice(0, 63);
