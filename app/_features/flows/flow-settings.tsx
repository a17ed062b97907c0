"use client";

import { Button, Switch, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { ConfirmButton } from "#app/_ui/form/confirm-button.tsx";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { FlowDetail } from "#server/features/flows/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { FlowToolPanel } from "./flow-tool.tsx";
import { flowWords } from "./flow-words.ts";
import classes from "./flows.module.css";

/** Name, description, whether it takes starts, and its end. */
export function FlowSettings({ flow, mayWrite }: { flow: FlowDetail; mayWrite: boolean }) {
  const words = useWords(flowWords);
  return (
    <div className={classes.settings}>
      {!mayWrite && !flow.mine && <p className={classes.note}>{words.notYours(flow.ownerName)}</p>}
      <NameForm flow={flow} mayWrite={mayWrite} />
      <EnabledPanel flow={flow} mayWrite={mayWrite} />
      <FlowToolPanel flow={flow} mayWrite={mayWrite} />
      {mayWrite && <RemovePanel flow={flow} />}
    </div>
  );
}

function useUpdate() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  return useMutation(
    trpc.flows.update.mutationOptions({ onSettled: () => queries.invalidateQueries(trpc.flows.pathFilter()) }),
  );
}

function NameForm({ flow, mayWrite }: { flow: FlowDetail; mayWrite: boolean }) {
  const words = useWords(flowWords);
  const update = useUpdate();
  const [name, setName] = useState(flow.name);
  const [description, setDescription] = useState(flow.description);
  const same = name.trim() === flow.name && description === flow.description;
  return (
    <Panel title={words.settingsName}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          update.mutate(
            { id: flow.id, name: name.trim(), description },
            { onSuccess: () => notifications.show({ color: "ok", message: words.saved, autoClose: 2_500 }) },
          );
        }}
      >
        <TextInput
          label={words.name}
          required
          maxLength={120}
          readOnly={!mayWrite}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          label={words.descriptionLabel}
          description={words.descriptionHint}
          autosize
          minRows={3}
          maxRows={10}
          maxLength={2_000}
          readOnly={!mayWrite}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <FormErrors error={update.error} />
        {mayWrite && (
          <div className={classes.acts}>
            <Button type="submit" loading={update.isPending} disabled={same || name.trim() === ""}>
              {words.save}
            </Button>
          </div>
        )}
      </form>
    </Panel>
  );
}

function EnabledPanel({ flow, mayWrite }: { flow: FlowDetail; mayWrite: boolean }) {
  const words = useWords(flowWords);
  const update = useUpdate();
  // as it will be, until the answer says otherwise
  const wished = update.isPending ? update.variables.disabled : undefined;
  return (
    <Panel title={words.runs}>
      <div className={classes.form}>
        <Switch
          label={words.enabled}
          description={words.enabledHint}
          checked={!(wished ?? flow.disabled)}
          disabled={!mayWrite}
          onChange={(event) => update.mutate({ id: flow.id, disabled: !event.currentTarget.checked })}
        />
        <FormErrors error={update.error} />
      </div>
    </Panel>
  );
}

function RemovePanel({ flow }: { flow: FlowDetail }) {
  const words = useWords(flowWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const remove = useMutation(trpc.flows.remove.mutationOptions());
  const end = async () => {
    await remove.mutateAsync({ id: flow.id });
    router.push("/flows");
    await queries.invalidateQueries(trpc.flows.list.queryFilter());
  };
  return (
    <Panel title={words.remove} description={words.removeHint}>
      <ConfirmButton
        title={words.removeTitle(flow.name)}
        takes={flow.endpoints.length > 0 ? [words.removeTakes(flow.endpoints.length)] : []}
        description={words.removeText}
        confirm={words.remove}
        onConfirm={end}
      >
        {words.remove}
      </ConfirmButton>
    </Panel>
  );
}
