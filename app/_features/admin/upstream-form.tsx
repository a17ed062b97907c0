"use client";

import { Button, Modal, Select, Switch, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { UpstreamView } from "#server/features/upstreams/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { adminWords } from "./admin-words.ts";
import classes from "./admin.module.css";

/** Adds a server, or changes one that was added here. */
export function UpstreamForm(props: {
  opened: boolean;
  onClose: () => void;
  upstream?: UpstreamView;
  onSaved?: (upstream: UpstreamView) => void;
}) {
  const { opened, onClose, upstream } = props;
  const words = useWords(adminWords);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={upstream ? words.editTitle(upstream.title) : words.addTitle}
      size="lg"
    >
      <Fields {...props} />
    </Modal>
  );
}

/** Mounted with the dialog, so that each opening starts from what is. */
function Fields({ onClose, upstream, onSaved }: Parameters<typeof UpstreamForm>[0]) {
  const words = useWords(adminWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const form = useForm({
    initialValues: {
      name: upstream?.name ?? "",
      title: upstream?.title ?? "",
      url: upstream?.url ?? "",
      scope: "all" as "all" | "workspace",
      enabled: upstream?.enabled ?? true,
    },
  });
  const onSuccess = async (saved: UpstreamView) => {
    await queries.invalidateQueries(trpc.upstreams.pathFilter());
    onClose();
    onSaved?.(saved);
  };
  const create = useMutation(trpc.upstreams.create.mutationOptions({ onSuccess }));
  const update = useMutation(trpc.upstreams.update.mutationOptions({ onSuccess }));

  const submit = form.onSubmit(({ name, title, url, scope, enabled }) => {
    if (!upstream) return create.mutate({ name, title, url, scope, enabled });
    // the address is shown without its query: sending it back unchanged would lose that
    update.mutate({ id: upstream.id, title, enabled, ...(url === upstream.url ? {} : { url }) });
  });
  return (
    <form className={classes.form} onSubmit={submit} noValidate>
      <TextInput
        label={words.name}
        description={words.nameHint}
        placeholder="wms"
        disabled={upstream !== undefined}
        data-autofocus={upstream ? undefined : true}
        {...form.getInputProps("name")}
      />
      <TextInput label={words.title} {...form.getInputProps("title")} />
      <TextInput label={words.url} description={words.urlHint} type="url" {...form.getInputProps("url")} />
      {!upstream && (
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
      <FormErrors error={create.error ?? update.error} form={form} />
      <div className={classes.acts}>
        <Button variant="default" onClick={onClose}>
          {words.cancel}
        </Button>
        <Button type="submit" loading={create.isPending || update.isPending}>
          {words.save}
        </Button>
      </div>
    </form>
  );
}
