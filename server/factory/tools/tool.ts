import { z } from "zod";
import { HOUR, iso, minuteOf, type Minute } from "../plant/calendar.ts";
import { PlantError, type World } from "../plant/model.ts";

type Cell = z.ZodType<string | number | boolean | null>;
type Columns = Record<string, Cell>;
type Arguments = Record<string, z.ZodType>;
type Row<C extends Columns> = { [K in keyof C]: z.infer<C[K]> };

export interface Table<C extends Columns> {
  /** One or two plain sentences with the figures that matter. */
  summary: string;
  rows: Row<C>[];
  /** The time the figures are about, in words; for figures of a period only. */
  period?: string;
}

export interface FactoryTool {
  name: string;
  title: string;
  description: string;
  input: z.ZodObject;
  output: z.ZodObject;
  annotations: { readOnlyHint: boolean; destructiveHint: boolean; idempotentHint: boolean; openWorldHint: boolean };
  /** Structured content: `{summary, as_of, period?, total, rows}`. Throws PlantError and ZodError. */
  run(world: World, input: unknown): Record<string, unknown>;
}

interface Definition<A extends Arguments, C extends Columns> {
  name: string;
  title: string;
  /** In plain words, with the words that people use when they ask. */
  description: string;
  input: A;
  /** Flat cells with stable names and the unit in the name: `oee_percent`, `lost_hours`. */
  columns: C;
}

const DEFAULT_LIMIT = 50;
const limit = z.int().min(1).max(500).default(DEFAULT_LIMIT).describe("How many rows at most");

function outputOf(columns: Columns): z.ZodObject {
  return z.object({
    summary: z.string().describe("The answer in one or two sentences"),
    as_of: z.string().describe("The plant's time, ISO 8601"),
    period: z.string().optional().describe("The time that the figures are about"),
    total: z.int().describe("How many rows there are, also beyond the limit"),
    rows: z.array(z.object(columns)),
  });
}

/** A tool that changes nothing. It takes `limit` besides its own arguments. */
export function reads<A extends Arguments, C extends Columns>(
  definition: Definition<A, C> & { run(world: World, input: z.infer<z.ZodObject<A>>): Table<C> },
): FactoryTool {
  const own = z.object(definition.input);
  return {
    ...definition,
    input: own.extend({ limit }),
    output: outputOf(definition.columns),
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    run(world, given) {
      const { rows, ...table } = definition.run(world, own.parse(given));
      const shown = z.object({ limit }).parse(given).limit;
      return { ...table, as_of: iso(world.now), total: rows.length, rows: rows.slice(0, shown) };
    },
  };
}

const by = z.string().min(1).max(80).default("MCP client").describe("Who does this, for the record");

/** A tool that changes the plant and returns what it changed. It takes `by` besides its own arguments. */
export function writes<A extends Arguments, C extends Columns>(
  definition: Definition<A, C> & {
    /** Repeating the call with the same arguments changes nothing more. */
    idempotent: boolean;
    /** Cannot be taken back, or overwrites what others counted or decided. */
    destructive?: boolean;
    run(world: World, input: z.infer<z.ZodObject<A>>, by: string): Table<C>;
  },
): FactoryTool {
  const own = z.object(definition.input);
  const { idempotent, destructive = false, ...facts } = definition;
  return {
    ...facts,
    input: own.extend({ by }),
    output: outputOf(definition.columns),
    annotations: {
      readOnlyHint: false,
      destructiveHint: destructive,
      idempotentHint: idempotent,
      openWorldHint: false,
    },
    run(world, given) {
      const { rows, ...table } = definition.run(world, own.parse(given), z.object({ by }).parse(given).by);
      return { ...table, as_of: iso(world.now), total: rows.length, rows };
    },
  };
}

export const text = z.string();
export const number = z.number();
export const maybe = { text: z.string().nullable(), number: z.number().nullable() };

export const argument = {
  machine: z.string().optional().describe("Machine id or name, for example M-203 or CNC mill 3"),
  order: z.string().optional().describe("Order id, for example SO-1042"),
  item: z.string().optional().describe("Material or part, by id or name, for example RM-1001"),
};

export const hours = (minutes: number): number => Math.round(minutes / 6) / 10;
export const days = (minutes: number): number => Math.round(minutes / 144) / 10;
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;

/** Matches when nothing is asked for, or one of the values is it, in any case. */
export const matches = (wanted: string | undefined, ...values: (string | null)[]): boolean =>
  wanted === undefined || values.some((value) => value?.toLowerCase() === wanted.trim().toLowerCase());

/** A date alone means 16:00 of that day in the plant. Throws PlantError for what is no date. */
export function parseInstant(world: World, given: string): Minute {
  const trimmed = given.trim();
  const date = new Date(trimmed);
  if (!/^\d{4}-\d\d-\d\d/.test(trimmed) || Number.isNaN(date.getTime())) {
    throw new PlantError(`"${given}" is no date. Write it as 2030-01-31 or 2030-01-31T16:00:00Z.`);
  }
  if (trimmed.length > 10) return minuteOf(date);
  // Noon is the same local day in all but the outermost time zones, whatever their offset.
  return world.calendar.dayStart(minuteOf(date) + 12 * HOUR) + 16 * HOUR;
}
