"use client";

import { Button, Modal, Select, Switch, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { UpstreamView } from "#server/features/upstreams/schema.ts";
import { useTRPC } from "../../trpc/provider.tsx";
import { AuthFields, TransportFields } from "./server-connection-fields.tsx";
import { serverFormWords } from "./server-form-words.ts";
import { LimitFields, SafetyFields } from "./server-policy-fields.tsx";
import { definitionOf, serverValues, type KnownServer, type ServerValues } from "./server-values.ts";
import classes from "../servers.module.css";

/** What may be chosen: child processes, private addresses and servers for every workspace are the owner's. */
export interface ServerFormProps {
  owner: boolean;
  onCancel: () => void;
  onSaved: (upstream: UpstreamView) => void;
  /** The server that is changed. */
  known?: KnownServer & { id: string };
}

/** Adds a server. */
export function ServerForm(props: {
  opened: boolean;
  onClose: () => void;
  owner: boolean;
  onSaved: (upstream: UpstreamView) => void;
}) {
  const { opened, onClose, owner, onSaved } = props;
  const words = useWords(serverFormWords);
  return (
    <Modal opened={opened} onClose={onClose} title={words.addTitle} size="xl">
      <ServerFields
        owner={owner}
        onCancel={onClose}
        onSaved={(saved) => {
          onClose();
          onSaved(saved);
        }}
      />
    </Modal>
  );
}

/** The form itself; mounted anew, it starts from what is. */
export function ServerFields({ owner, onCancel, onSaved, known }: ServerFormProps) {
  const words = useWords(serverFormWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const form = useForm<ServerValues>({
    initialValues: { ...serverValues(known), ...(known ? {} : { scope: owner ? "all" : "workspace" }) },
  });
  const onSuccess = async (saved: UpstreamView) => {
    await queries.invalidateQueries(trpc.upstreams.pathFilter());
    onSaved(saved);
  };
  const create = useMutation(trpc.upstreams.create.mutationOptions({ onSuccess }));
  const update = useMutation(trpc.upstreams.update.mutationOptions({ onSuccess }));

  const submit = form.onSubmit(({ name, title, url, scope, enabled, ...values }) => {
    const { definition, problems } = definitionOf({ name, title, url, scope, enabled, ...values });
    if (Object.keys(problems).length > 0)
      return form.setErrors(Object.fromEntries(Object.entries(problems).map(([path, what]) => [path, words[what]])));
    const address = definition.transport.kind === "stdio" || url.trim() === "" ? {} : { url };
    if (!known) return create.mutate({ name, title, scope, enabled, ...address, ...definition });
    // the address is shown without its query: sending it back unchanged would lose that
    return update.mutate({ id: known.id, title, enabled, ...(url === known.url ? {} : address), ...definition });
  });
  const target = {
    values: form.values,
    // a wrong line of a list is told at the list
    setErrors: (errors: Record<string, string>) =>
      form.setErrors(Object.fromEntries(Object.entries(errors).map(([path, message]) => [fieldOf(path), message]))),
  };
  return (
    <form className={classes.form} onSubmit={submit} noValidate>
      <div className={classes.fields}>
        <TextInput
          label={words.name}
          description={words.nameHint}
          placeholder="wms"
          disabled={known !== undefined}
          data-autofocus={known ? undefined : true}
          {...form.getInputProps("name")}
        />
        <TextInput label={words.title} description={words.titleHint} {...form.getInputProps("title")} />
      </div>
      <TransportFields form={form} owner={owner} />
      <AuthFields form={form} />
      <LimitFields form={form} />
      <SafetyFields form={form} owner={owner} />
      {!known && owner && (
        <Select
          label={words.scope}
          allowDeselect={false}
          data={[
            { value: "all", label: words.everyWorkspace },
            { value: "workspace", label: words.thisWorkspace },
          ]}
          {...form.getInputProps("scope")}
        />
      )}
      <Switch label={words.enabled} {...form.getInputProps("enabled", { type: "checkbox" })} />
      <FormErrors error={create.error ?? update.error} form={target} />
      <div className={classes.acts}>
        <Button variant="default" onClick={onCancel}>
          {words.cancel}
        </Button>
        <Button type="submit" loading={create.isPending || update.isPending}>
          {words.save}
        </Button>
      </div>
    </form>
  );
}

/** `transport.args[2]`, `transport.env.A` → the field that it was typed into. */
const fieldOf = (path: string) =>
  path
    .replace(/\[.*$/, "")
    .replace(/^(transport\.(env|operations|document|args)|policy\.roles|auth\.scopes)\..*$/, "$1");
