"use client";

import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { useHydrated, useWords } from "#app/_ui/words/locale.tsx";
import { AuthFrame } from "./auth-frame.tsx";
import { authWords } from "./auth-words.ts";
import { DemoPanel } from "./demo-panel.tsx";
import { useFailure } from "./use-failure.ts";
import { signIn, SignInFailure } from "./sign-in.ts";
import classes from "./auth.module.css";

export interface SignInProps {
  /** A path of this site. */
  next: string;
  version: string;
  /** Addresses of the demonstration's accounts; empty: it is none. */
  demoAccounts: string[];
}

const EMAIL = /^\S+@\S+$/;

export function SignInForm({ next, version, demoAccounts }: SignInProps) {
  const words = useWords(authWords);
  const hydrated = useHydrated();
  const [busy, setBusy] = useState(false);
  const failure = useFailure();
  const form = useForm({
    initialValues: { email: "", password: "" },
    validate: {
      email: (value) => (value.trim() === "" ? words.needed : EMAIL.test(value.trim()) ? null : words.emailForm),
      password: (value) => (value === "" ? words.needed : null),
    },
  });

  const passwordField = () => form.getInputNode("password") as HTMLInputElement | null; // it is an input

  const submit = async (values: { email: string; password: string }) => {
    setBusy(true);
    failure.clear();
    try {
      await signIn(values.email.trim(), values.password);
      location.assign(next); // stays busy: the page is about to go
    } catch (error) {
      failure.show(error);
      setBusy(false);
      if (error instanceof SignInFailure && error.code === "auth.credentials") passwordField()?.select();
    }
  };
  const fillIn = (email: string) => {
    failure.clear();
    form.setFieldValue("email", email);
    passwordField()?.focus();
  };

  return (
    <AuthFrame
      title={words.signIn}
      {...(next === "/" ? {} : { lead: words.afterwards })}
      version={version}
      other={{ question: words.noAccount, label: words.register, href: withNext("/register", next) }}
      aside={demoAccounts.length > 0 && <DemoPanel accounts={demoAccounts} onPick={fillIn} />}
    >
      <form className={classes.form} onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
        {failure.text !== null && <FormErrors error={{ message: failure.text }} />}
        <TextInput
          label={words.email}
          type="email"
          name="email"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          {...form.getInputProps("email")}
        />
        <PasswordInput
          label={words.password}
          name="password"
          autoComplete="current-password"
          {...form.getInputProps("password")}
        />
        <Button type="submit" fullWidth loading={busy} disabled={!hydrated}>
          {words.signIn}
        </Button>
      </form>
    </AuthFrame>
  );
}

export const withNext = (path: string, next: string): string =>
  next === "/" ? path : `${path}?next=${encodeURIComponent(next)}`;
