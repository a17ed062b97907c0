"use client";

import { Button, Checkbox, PasswordInput, Select, Switch, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { ConfirmButton } from "../form/confirm-button.tsx";
import { FormErrors } from "../form/form-errors.tsx";
import { Panel } from "../layout/panel.tsx";
import classes from "./gallery.module.css";

const refused = {
  status: 422,
  detail: "Two entries need another look.",
  errors: [
    { path: "name", message: "This name is taken: choose another." },
    { path: "steps[0].tool", message: "unknown tool" },
  ],
};

const later = () => new Promise((resolve) => setTimeout(resolve, 800));

export function FormSamples() {
  const form = useForm({ initialValues: { name: "Check stock", password: "", kind: "flow", note: "" } });
  const [error, setError] = useState<unknown>(null);
  return (
    <div className={classes.two}>
      <Panel title="Form">
        <form className={classes.stack} onSubmit={form.onSubmit(() => setError({ ...refused }))}>
          <FormErrors error={error} form={form} />
          <TextInput label="Name" description="As it appears in lists" required {...form.getInputProps("name")} />
          <PasswordInput label="Password" placeholder="At least 8 characters" {...form.getInputProps("password")} />
          <Select label="Kind" data={["flow", "agent", "chain"]} {...form.getInputProps("kind")} />
          <Textarea label="Note" autosize minRows={2} {...form.getInputProps("note")} />
          <Checkbox label="Start at once" defaultChecked />
          <Switch label="Enabled" defaultChecked />
          <div className={classes.wrap}>
            <Button type="submit">Save</Button>
            <Button variant="default" onClick={() => setError(null)}>
              Forget the error
            </Button>
          </div>
        </form>
      </Panel>
      <Panel title="Confirmation">
        <div className={classes.wrap}>
          <ConfirmButton
            title="Delete the flow “Check stock”?"
            takes={["12 runs and their events", "2 schedules", "1 endpoint"]}
            description="This cannot be undone. The published versions of others stay."
            confirm="Delete"
            onConfirm={later}
          >
            Delete the flow
          </ConfirmButton>
          <ConfirmButton
            title="Cancel the run?"
            confirm="Cancel the run"
            danger={false}
            onConfirm={async () => {
              await later();
              throw new Error("The run had already ended.");
            }}
          >
            One that fails
          </ConfirmButton>
        </div>
      </Panel>
    </div>
  );
}
