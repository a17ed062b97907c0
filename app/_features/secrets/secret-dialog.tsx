"use client";

import { Button, Modal, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { SecretView } from "#server/features/secrets/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import type { Scope } from "./secrets-page.tsx";
import { secretsWords } from "./secrets-words.ts";
import classes from "./secrets.module.css";

/** Asks for a new secret, or for the next value of one. */
export function SecretDialog(props: { changing: SecretView | "new" | null; scope: Scope; onClose: () => void }) {
  const { changing, scope, onClose } = props;
  const words = useWords(secretsWords);
  // the words stay while it closes
  const [shown, setShown] = useState(changing);
  if (changing && changing !== shown) setShown(changing);
  const known = shown === "new" ? null : shown;
  return (
    <Modal
      opened={changing !== null}
      onClose={onClose}
      title={known ? words.replaceTitle(known.name) : words.addTitle}
      size="md"
    >
      <SecretForm key={known?.name ?? "new"} known={known} scope={scope} onClose={onClose} />
    </Modal>
  );
}

function SecretForm({ known, scope, onClose }: { known: SecretView | null; scope: Scope; onClose: () => void }) {
  const words = useWords(secretsWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { name: known?.name ?? "", value: "", description: known?.description ?? "" },
  });
  const put = useMutation(
    trpc.secrets.put.mutationOptions({
      onSuccess: async (_, { name }) => {
        await queries.invalidateQueries(trpc.secrets.pathFilter());
        notifications.show({ color: "ok", message: words.savedToast(name), autoClose: 3_000 });
        onClose();
      },
    }),
  );
  return (
    <form
      className={classes.form}
      onSubmit={form.onSubmit(({ name, value, description }) => put.mutate({ name, value, description, scope }))}
      noValidate
      autoComplete="off"
    >
      {known ? (
        <p className={classes.note}>{words.replaceText}</p>
      ) : (
        <TextInput
          label={words.name}
          description={words.nameText}
          placeholder="ERP_TOKEN"
          data-autofocus
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--osf-mono)" } }}
          {...form.getInputProps("name")}
          onChange={(event) =>
            form.setFieldValue("name", event.currentTarget.value.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_"))
          }
        />
      )}
      <PasswordInput
        label={words.value}
        description={words.valueText}
        autoComplete="new-password"
        data-autofocus={known ? true : undefined}
        {...form.getInputProps("value")}
      />
      <TextInput label={words.description} maxLength={200} {...form.getInputProps("description")} />
      <FormErrors error={put.error} form={form} />
      <div className={classes.acts}>
        <Button variant="default" onClick={onClose}>
          {words.cancel}
        </Button>
        <Button type="submit" loading={put.isPending}>
          {words.save}
        </Button>
      </div>
    </form>
  );
}
