"use client";

import { NumberInput, PasswordInput, Select, Textarea, TextInput } from "@mantine/core";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { Field } from "./schema-fields.ts";
import { schemaWords } from "./schema-words.ts";

/** The inputs of a form that a JSON Schema describes; texts as they are typed, by field. */
export function SchemaInputs(props: {
  fields: readonly Field[];
  typed: Readonly<Record<string, string>>;
  wrong: Readonly<Record<string, string>>;
  onChange: (typed: Record<string, string>) => void;
}) {
  const { fields, typed, wrong, onChange } = props;
  return fields.map((field) => (
    <SchemaInput
      key={field.name}
      field={field}
      value={typed[field.name] ?? ""}
      error={wrong[field.name]}
      onChange={(value) => onChange({ ...typed, [field.name]: value })}
    />
  ));
}

function SchemaInput(props: {
  field: Field;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}) {
  const { field, value, error, onChange } = props;
  const words = useWords(schemaWords);
  const common = {
    label: field.label,
    description: field.description,
    withAsterisk: field.required,
    ...(error ? { error } : {}),
    ...(field.preset ? { placeholder: field.preset } : {}),
  };
  if (field.kind === "choice" || field.kind === "boolean")
    return (
      <Select
        {...common}
        clearable
        placeholder={field.preset ?? words.any}
        value={value || null}
        onChange={(next) => onChange(next ?? "")}
        data={
          field.kind === "boolean"
            ? [
                { value: "true", label: words.yes },
                { value: "false", label: words.no },
              ]
            : (field.choices ?? [])
        }
      />
    );
  if (field.kind === "number" || field.kind === "integer")
    return (
      <NumberInput
        {...common}
        value={value}
        onChange={(next) => onChange(String(next))}
        allowDecimal={field.kind === "number"}
        {...(field.min === undefined ? {} : { min: field.min })}
        {...(field.max === undefined ? {} : { max: field.max })}
      />
    );
  if (field.kind === "json" || field.kind === "list")
    return (
      <Textarea
        {...common}
        {...(field.kind === "list"
          ? { description: [field.description, words.oneALine].filter(Boolean).join(" ") }
          : {})}
        autosize
        minRows={2}
        maxRows={10}
        spellCheck={false}
        styles={{ input: { fontFamily: "var(--osf-mono)" } }}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  if (field.kind === "secret")
    return (
      <PasswordInput
        {...common}
        autoComplete="off"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  return <TextInput {...common} value={value} onChange={(event) => onChange(event.currentTarget.value)} />;
}
