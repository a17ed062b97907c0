import type { Property } from "./json-schema.ts";
import type { Question } from "./question.ts";

export interface Source {
  question: Question;
  /** Tokens that another argument already took. */
  taken: Set<string>;
  now: Date;
  siblings: Property[];
  writes: boolean;
  /** Concepts of the tool's own name. */
  named: Set<string>;
}

export interface Found {
  value: unknown;
  /** Tokens of the text that it came from; nobody else takes them. */
  tokens: string[];
}

export const found = (value: unknown, ...tokens: string[]): Found => ({ value, tokens });
