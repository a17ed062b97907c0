"use client";

import { Button, NativeSelect, Switch, Textarea, TextInput } from "@mantine/core";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { fieldMessages, toProblem } from "#app/_ui/feedback/problem.ts";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ApprovalField, ApprovalOption, ApprovalView } from "#server/features/approvals/schema.ts";
import { answerValues, keyOptions, presets } from "./answer-values.ts";
import { inboxWords } from "./inbox-words.ts";
import { useRespond } from "./use-respond.ts";
import classes from "./inbox.module.css";

/** The form of a question and its options as buttons. With `keys` a and r answer from anywhere on the page. */
export function AnswerForm(props: {
  approval: ApprovalView;
  keys: boolean;
  onDone?: (answered: ApprovalView) => void;
}) {
  const { approval, keys, onDone } = props;
  const words = useWords(inboxWords);
  const respond = useRespond(onDone);
  const form = useRef<HTMLFormElement>(null);
  const [typed, setTyped] = useState(() => presets(approval.form));
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const [comment, setComment] = useState("");

  const answer = (option: ApprovalOption) => {
    if (respond.isPending) return;
    const { values, problems } = answerValues(approval.form, typed);
    const said = Object.entries(problems).map(([name, problem]): [string, string] => [name, words[problem]]);
    setWrong(Object.fromEntries(said));
    if (said.length > 0) {
      const first = said[0]?.[0] ?? "";
      form.current?.querySelector<HTMLElement>(`[name="${CSS.escape(first)}"]`)?.focus();
      return;
    }
    respond.mutate(
      { id: approval.id, decision: option.value, values, ...(comment.trim() ? { comment: comment.trim() } : {}) },
      {
        onError: (error) =>
          setWrong(
            Object.fromEntries(
              Object.entries(fieldMessages(toProblem(error))).map(([path, said]) => [
                path.replace(/^values\./, ""),
                said,
              ]),
            ),
          ),
      },
    );
  };

  const byKey = keyOptions(approval.options);
  const keyOf = (option: ApprovalOption) =>
    !keys ? null : option === byKey.approve ? "a" : option === byKey.reject ? "r" : null;
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const at = event.target instanceof Element ? event.target : null;
    if (at?.closest("input, textarea, select, [contenteditable], [role=dialog], [role=menu]")) return;
    const option = event.key === "a" ? byKey.approve : event.key === "r" ? byKey.reject : undefined;
    if (!option) return;
    event.preventDefault();
    answer(option);
  });
  useEffect(() => {
    if (!keys) return undefined;
    const listen = (event: KeyboardEvent) => press(event);
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [keys]);

  return (
    <form ref={form} className={classes.answer} aria-label={words.answer} onSubmit={(event) => event.preventDefault()}>
      {approval.form.map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          value={typed[field.name] ?? ""}
          error={wrong[field.name]}
          onChange={(value) => setTyped({ ...typed, [field.name]: value })}
        />
      ))}
      <Textarea
        label={words.comment}
        description={words.commentHint}
        autosize
        minRows={1}
        maxRows={6}
        maxLength={2_000}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
      <FormErrors error={respond.error} />
      <div className={classes.options}>
        {approval.options.map((option) => (
          <Button
            key={option.value}
            size="md"
            type="button"
            {...(option.style === "primary"
              ? {}
              : option.style === "danger"
                ? { variant: "default", c: "var(--osf-fault)" }
                : { variant: "default" })}
            loading={respond.isPending && respond.variables.decision === option.value}
            disabled={respond.isPending}
            onClick={() => answer(option)}
            {...(keyOf(option)
              ? {
                  "aria-keyshortcuts": keyOf(option) ?? "",
                  rightSection: <kbd className={classes.key}>{keyOf(option)}</kbd>,
                }
              : {})}
          >
            {option.label}
          </Button>
        ))}
      </div>
    </form>
  );
}

function FieldInput(props: {
  field: ApprovalField;
  value: string | boolean;
  error: string | undefined;
  onChange: (value: string | boolean) => void;
}) {
  const { field, value, error, onChange } = props;
  const common = {
    name: field.name,
    label: field.label || field.name,
    withAsterisk: field.required === true,
    ...(error ? { error } : {}),
  };
  const written = typeof value === "string" ? value : "";
  switch (field.type) {
    case "boolean":
      return (
        <Switch
          name={field.name}
          label={field.label || field.name}
          checked={value === true}
          {...(error ? { error } : {})}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "select":
      return (
        <NativeSelect
          {...common}
          value={written}
          data={[{ value: "", label: "–" }, ...(field.options ?? [])]}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case "textarea":
      return (
        <Textarea
          {...common}
          autosize
          minRows={3}
          maxRows={10}
          value={written}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    default:
      return (
        <TextInput
          {...common}
          {...(field.type === "number" ? { inputMode: "decimal" as const } : {})}
          value={written}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}
