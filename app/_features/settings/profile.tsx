"use client";

import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { useHydrated, useWords } from "#app/_ui/words/locale.tsx";
import { PasswordRule, passwordLengthProblem, type PasswordLimits } from "../auth/password-rule.tsx";
import { authWords } from "../auth/auth-words.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { Sessions } from "./sessions.tsx";
import { settingsWords } from "./settings-words.ts";
import classes from "./settings.module.css";

export function Profile({ name, email, limits }: { name: string; email: string; limits: PasswordLimits }) {
  return (
    <>
      <PersonPanel name={name} email={email} />
      <PasswordPanel email={email} limits={limits} />
      <Sessions />
    </>
  );
}

function PersonPanel({ name, email }: { name: string; email: string }) {
  const words = useWords(settingsWords);
  const hydrated = useHydrated();
  const router = useRouter();
  const form = useForm({
    initialValues: { name },
    validate: { name: (value) => (value.trim() === "" ? words.needed : null) },
  });
  const update = useMutation(
    useTRPC().accounts.updateProfile.mutationOptions({
      onSuccess(saved) {
        form.setInitialValues(saved);
        form.reset();
        router.refresh(); // the frame shows the name too
      },
    }),
  );
  return (
    <Panel title={words.person}>
      <form className={classes.form} onSubmit={form.onSubmit((values) => update.mutate(values))} noValidate>
        <FormErrors error={update.error} form={form} />
        <TextInput label={words.name} name="name" autoComplete="name" maxLength={100} {...form.getInputProps("name")} />
        <TextInput
          label={words.email}
          description={words.emailFixed}
          value={email}
          readOnly
          inputWrapperOrder={["label", "input", "description", "error"]}
        />
        <div className={classes.actions}>
          <Button type="submit" loading={update.isPending} disabled={!hydrated || !form.isDirty()}>
            {words.save}
          </Button>
          {update.isSuccess && !form.isDirty() && (
            <span role="status">
              <StateBadge state="ok" variant="plain" word={words.saved} />
            </span>
          )}
        </div>
      </form>
    </Panel>
  );
}

function PasswordPanel({ email, limits }: { email: string; limits: PasswordLimits }) {
  const words = useWords(settingsWords);
  const rules = useWords(authWords);
  const hydrated = useHydrated();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { currentPassword: "", newPassword: "" },
    validate: {
      currentPassword: (value) => (value === "" ? words.needed : null),
      newPassword: (value) => passwordLengthProblem(value, limits, rules),
    },
  });
  const change = useMutation(
    trpc.accounts.changePassword.mutationOptions({
      onSuccess() {
        form.reset();
        void queries.invalidateQueries(trpc.accounts.sessions.list.queryFilter());
      },
    }),
  );
  return (
    <Panel title={words.password} description={words.passwordText}>
      <form className={classes.form} onSubmit={form.onSubmit((values) => change.mutate(values))} noValidate>
        <FormErrors error={change.error} form={form} />
        {/* for password managers: whose password this is */}
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
        <PasswordInput
          label={words.current}
          name="currentPassword"
          autoComplete="current-password"
          {...form.getInputProps("currentPassword")}
        />
        <div>
          <PasswordInput
            label={words.fresh}
            name="newPassword"
            autoComplete="new-password"
            aria-describedby="new-password-rule"
            {...form.getInputProps("newPassword")}
          />
          <PasswordRule id="new-password-rule" value={form.values.newPassword} limits={limits} />
        </div>
        <div className={classes.actions}>
          <Button type="submit" variant="default" loading={change.isPending} disabled={!hydrated}>
            {words.change}
          </Button>
        </div>
        {change.isSuccess && (
          <p role="status" className={classes.said}>
            <StateBadge state="ok" variant="plain" word={words.changed(change.data.endedSessions)} />
          </p>
        )}
      </form>
    </Panel>
  );
}
