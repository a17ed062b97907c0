"use client";

import { useState } from "react";
import { fieldMessages, toProblem } from "#app/_ui/feedback/problem.ts";
import { useWords } from "#app/_ui/words/locale.tsx";
import { argumentsOf, fieldsOf, typedOf } from "./schema-fields.ts";
import { schemaWords } from "./schema-words.ts";

/**
 * The state of a form that a JSON Schema describes. `read` answers the values, or null and shows what is wrong;
 * `refuse` puts what the server said to the fields, whose paths begin with `prefix`.
 */
export function useSchemaForm(schema: Record<string, unknown>, values: Record<string, unknown> = {}) {
  const words = useWords(schemaWords);
  const [fields] = useState(() => fieldsOf(schema));
  const [typed, setTyped] = useState(() => typedOf(fields, values));
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const read = (): Record<string, unknown> | null => {
    const { args, problems } = argumentsOf(fields, typed);
    const said = Object.entries(problems).map(([name, problem]) => [
      name,
      problem === "json" ? words.invalidJson : words.required,
    ]);
    setWrong(Object.fromEntries(said));
    return said.length > 0 ? null : args;
  };
  const refuse = (error: unknown, prefix: string) =>
    setWrong(
      Object.fromEntries(
        Object.entries(fieldMessages(toProblem(error))).map(([path, message]) => [
          path.startsWith(`${prefix}.`) ? path.slice(prefix.length + 1) : path,
          message,
        ]),
      ),
    );
  return { fields, inputs: { fields, typed, wrong, onChange: setTyped }, read, refuse };
}
