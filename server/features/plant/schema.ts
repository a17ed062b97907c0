import { z } from "zod";

const text = z.string().min(1);
const maybeText = z.string().nullable().catch(null);
const maybeNumber = z.number().nullable().catch(null);

export const MachineOee = z.object({
  id: maybeText,
  name: text,
  oee: z.number().nullable().meta({ description: "Percent; null: nothing was planned" }),
  availability: maybeNumber.meta({ description: "Percent" }),
  performance: maybeNumber.meta({ description: "Percent" }),
  quality: maybeNumber.meta({ description: "Percent" }),
  target: maybeNumber.meta({ description: "Percent" }),
  state: maybeText,
});
export type MachineOee = z.output<typeof MachineOee>;

export const OrderAtRisk = z.object({
  id: text,
  customer: maybeText,
  product: maybeText,
  daysLate: maybeNumber,
  dueAt: maybeText.meta({ description: "ISO 8601" }),
  cause: maybeText,
  why: maybeText,
});
export type OrderAtRisk = z.output<typeof OrderAtRisk>;

export const LowStock = z.object({
  id: maybeText,
  name: text,
  location: maybeText,
  unit: maybeText,
  inStock: z.number(),
  minimum: maybeNumber,
  onOrder: maybeNumber,
  daysOfCover: maybeNumber,
});
export type LowStock = z.output<typeof LowStock>;

export const OpenAlarm = z.object({
  id: maybeText,
  machine: maybeText,
  severity: maybeText,
  text,
  since: maybeText.meta({ description: "ISO 8601" }),
  acknowledgedBy: maybeText,
});
export type OpenAlarm = z.output<typeof OpenAlarm>;

const viewOf = <S extends z.ZodType>(row: S) =>
  z.discriminatedUnion("state", [
    z.object({
      state: z.literal("ok"),
      tool: z.string().meta({ description: "Where the figures are from" }),
      summary: z.string().nullable().meta({ description: "The tool's own words" }),
      asOf: z.string().nullable().meta({ description: "The plant's time, ISO 8601" }),
      total: z.number().int().meta({ description: "How many there are, also beyond those shown" }),
      rows: z.array(row),
    }),
    z.object({ state: z.literal("unavailable"), why: z.string().meta({ description: "For people" }) }),
  ]);

export const PlantState = z.object({
  at: z.date().meta({ type: "string", format: "date-time" }),
  oee: viewOf(MachineOee),
  ordersAtRisk: viewOf(OrderAtRisk),
  lowStock: viewOf(LowStock),
  alarms: viewOf(OpenAlarm),
});
export type PlantState = z.output<typeof PlantState>;
