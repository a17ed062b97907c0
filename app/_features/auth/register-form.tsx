"use client";

import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { useHydrated, useWords } from "#app/_ui/words/locale.tsx";
import { useTRPC } from "../trpc/provider.tsx";
import { AuthFrame } from "./auth-frame.tsx";
import { authWords } from "./auth-words.ts";
import { DemoPanel } from "./demo-panel.tsx";
import { useFailure } from "./use-failure.ts";
import { PasswordRule, passwordLengthProblem, type PasswordLimits } from "./password-rule.tsx";
import { withNext, type SignInProps } from "./sign-in-form.tsx";
import { signIn } from "./sign-in.ts";
import classes from "./auth.module.css";

const EMAIL = /^\S+@\S+\.\S+$/;

export function RegisterForm({ next, version, demoAccounts, limits }: SignInProps & { limits: PasswordLimits }) {
  const words = useWords(authWords);
  const hydrated = useHydrated();
  const create = useMutation(useTRPC().accounts.register.mutationOptions());
  const [created, setCreated] = useState(false);
  const [busy, setBusy] = useState(false);
  const failure = useFailure();
  const form = useForm({
    initialValues: { name: "", email: "", password: "" },
    validate: {
      name: (value) => (value.trim() === "" ? words.needed : null),
      email: (value) => (value.trim() === "" ? words.needed : EMAIL.test(value.trim()) ? null : words.emailForm),
      password: (value) => passwordLengthProblem(value, limits, words),
    },
  });

  const submit = async (values: typeof form.values) => {
    setBusy(true);
    failure.clear();
    try {
      if (!created) await create.mutateAsync(values);
      setCreated(true);
      await signIn(values.email.trim(), values.password);
      location.assign(next);
    } catch (error) {
      setBusy(false);
      if (error instanceof Error && error.name === "SignInFailure") failure.show(error);
    }
  };

  return (
    <AuthFrame
      title={words.register}
      version={version}
      other={{ question: words.haveAccount, label: words.signIn, href: withNext("/sign-in", next) }}
      aside={demoAccounts.length > 0 && <DemoPanel accounts={demoAccounts} />}
    >
      <form className={classes.form} onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
        <FormErrors error={create.error} form={form} />
        {failure.text !== null && <FormErrors error={{ message: `${words.createdButNot} ${failure.text}` }} />}
        <TextInput label={words.name} name="name" autoComplete="name" autoFocus {...form.getInputProps("name")} />
        <TextInput
          label={words.email}
          type="email"
          name="email"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          {...form.getInputProps("email")}
        />
        <div>
          <PasswordInput
            label={words.password}
            name="password"
            autoComplete="new-password"
            aria-describedby="password-rule"
            {...form.getInputProps("password")}
          />
          <PasswordRule id="password-rule" value={form.values.password} limits={limits} />
        </div>
        <Button type="submit" fullWidth loading={busy} disabled={!hydrated}>
          {words.register}
        </Button>
      </form>
    </AuthFrame>
  );
}
