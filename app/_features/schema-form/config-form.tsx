"use client";

import { Button } from "@mantine/core";
import { useState } from "react";
import { SchemaInputs } from "./schema-inputs.tsx";
import { useSchemaForm } from "./use-schema-form.ts";
import classes from "./schema-form.module.css";

/** The configuration of a server as its JSON Schema asks for it. */
export function ConfigForm(props: {
  hint: string;
  schema: Record<string, unknown>;
  values?: Record<string, unknown>;
  /** What the server said about the values before. */
  wrong?: readonly { path: string; message: string }[];
  submit: string;
  cancel: string;
  busy: boolean;
  onSubmit: (values: Record<string, unknown>) => void;
  onCancel: () => void;
}) {
  const { hint, schema, values = {}, wrong = [], submit, cancel, busy, onSubmit, onCancel } = props;
  const form = useSchemaForm(schema, values);
  const [touched, setTouched] = useState(false);
  const said = Object.fromEntries(touched ? [] : wrong.map(({ path, message }) => [path, message]));
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTouched(true);
        const read = form.read();
        if (read) onSubmit(read);
      }}
    >
      <p className={classes.hint}>{hint}</p>
      <SchemaInputs {...form.inputs} wrong={{ ...said, ...form.inputs.wrong }} />
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
