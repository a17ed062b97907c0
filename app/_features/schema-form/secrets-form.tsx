"use client";

import { Button, PasswordInput } from "@mantine/core";
import { useState } from "react";
import { useWords } from "#app/_ui/words/locale.tsx";
import { schemaWords } from "./schema-words.ts";
import classes from "./schema-form.module.css";

/** Asks for secrets; what is typed goes to `onSubmit` and is kept nowhere. */
export function SecretsForm(props: {
  hint: string;
  secrets: readonly { name: string; title?: string; description?: string }[];
  submit: string;
  cancel: string;
  busy: boolean;
  onSubmit: (secrets: Record<string, string>) => void;
  onCancel: () => void;
}) {
  const { hint, secrets, submit, cancel, busy, onSubmit, onCancel } = props;
  const words = useWords(schemaWords);
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [asked, setAsked] = useState(false);
  const lacking = secrets.filter(({ name }) => !typed[name]?.trim());
  return (
    <form
      className={classes.form}
      noValidate
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(true);
        if (lacking.length === 0) onSubmit(typed);
      }}
    >
      <p className={classes.hint}>{hint}</p>
      {secrets.map(({ name, title, description }) => (
        <PasswordInput
          key={name}
          label={title ?? name}
          description={description ? `${description} (${name})` : name}
          withAsterisk
          autoComplete="new-password"
          value={typed[name] ?? ""}
          error={asked && !typed[name]?.trim() ? words.required : undefined}
          onChange={(event) => setTyped({ ...typed, [name]: event.currentTarget.value })}
        />
      ))}
      <div className={classes.acts}>
        <Button variant="default" onClick={onCancel}>
          {cancel}
        </Button>
        <Button type="submit" loading={busy}>
          {submit}
        </Button>
      </div>
    </form>
  );
}
