"use client";

import { IconCircleCheckFilled, IconInfoCircle } from "@tabler/icons-react";
import { useWords } from "#app/_ui/words/locale.tsx";
import { authWords } from "./auth-words.ts";
import classes from "./auth.module.css";

export interface PasswordLimits {
  min: number;
  max: number;
}

/** As the server counts: characters, not code units. */
const lengthOf = (text: string) => [...text].length;

export function passwordLengthProblem(
  value: string,
  { min, max }: PasswordLimits,
  words: { tooShort: (min: number, has: number) => string; tooLong: (max: number) => string },
): string | null {
  const length = lengthOf(value);
  if (length < min) return words.tooShort(min, length);
  return length > max ? words.tooLong(max) : null;
}

/** The rule before it bites; it marks itself as met while one types. What is too common only the server knows. */
export function PasswordRule({ id, value, limits }: { id: string; value: string; limits: PasswordLimits }) {
  const words = useWords(authWords);
  const problem = value === "" ? null : passwordLengthProblem(value, limits, words);
  const met = value !== "" && problem === null;
  const Icon = met ? IconCircleCheckFilled : IconInfoCircle;
  return (
    <p id={id} className={classes.rule} data-met={met || undefined}>
      <Icon size={14} aria-hidden="true" />
      <span>
        {met ? `${words.longEnough}. ` : problem ? `${problem}. ` : ""}
        {words.passwordRule(limits.min)}
      </span>
    </p>
  );
}
