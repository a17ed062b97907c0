import type { z } from "zod";
import { LowStock, MachineOee, OpenAlarm, OrderAtRisk } from "./schema.ts";

/** What the home page shows of the plant, and where it may come from. */
export interface PlantView<S extends z.ZodObject = z.ZodObject> {
  /** Tools that can tell it, the best first: `<server>.<tool>`, where `*` stands for any server. */
  tools: readonly string[];
  row: S;
  /** Column of ours → columns of theirs, the best first. */
  columns: { [K in keyof z.output<S>]-?: readonly string[] };
}

const view = <S extends z.ZodObject>(one: PlantView<S>): PlantView<S> => one;

export const VIEWS = {
  oee: view({
    tools: ["fertigung.list_oee", "mes.list_oee", "*.list_oee", "*.get_oee", "*.oee"],
    row: MachineOee,
    columns: {
      id: ["machine_id", "id"],
      name: ["machine", "machine_name", "name", "machine_id"],
      oee: ["oee_percent", "oee"],
      availability: ["availability_percent", "availability"],
      performance: ["performance_percent", "performance"],
      quality: ["quality_percent", "quality"],
      target: ["target_percent", "target"],
      state: ["state", "status"],
    },
  }),
  ordersAtRisk: view({
    tools: ["erp.list_orders_at_risk", "*.list_orders_at_risk", "*.list_late_orders", "*.get_late_orders"],
    row: OrderAtRisk,
    columns: {
      id: ["order_id", "order", "id"],
      customer: ["customer", "customer_name"],
      product: ["product", "product_name", "item"],
      daysLate: ["days_late", "delay_days"],
      dueAt: ["due_at", "due_date", "due"],
      cause: ["cause", "reason"],
      why: ["why", "explanation", "reason"],
    },
  }),
  lowStock: view({
    tools: ["wms.list_stock_below_minimum", "*.list_stock_below_minimum", "*.list_low_stock", "*.get_low_stock"],
    row: LowStock,
    columns: {
      id: ["item_id", "material_id", "id"],
      name: ["item", "material", "item_name", "name", "item_id", "material_id"],
      location: ["location"],
      unit: ["unit"],
      inStock: ["in_stock", "stock", "quantity"],
      minimum: ["min_stock", "minimum", "minimum_stock"],
      onOrder: ["on_order"],
      daysOfCover: ["days_of_cover"],
    },
  }),
  alarms: view({
    tools: ["fertigung.list_alarms", "*.list_alarms", "*.list_open_alarms", "*.get_alarms"],
    row: OpenAlarm,
    columns: {
      id: ["alarm_id", "id"],
      machine: ["machine", "machine_name", "machine_id"],
      severity: ["severity", "priority"],
      text: ["text", "message", "description", "alarm"],
      since: ["raised_at", "since", "at", "timestamp"],
      acknowledgedBy: ["acknowledged_by"],
    },
  }),
} as const;

/** The rows in a tool's answer: the answer itself, or the list in it. Null: there is no list. */
export function rowsOf(value: unknown): Record<string, unknown>[] | null {
  const record = isRecord(value) ? value : {};
  const list = [value, record["rows"], record["items"], record["result"], record["results"], record["data"]].find(
    Array.isArray,
  );
  return list ? list.filter(isRecord) : null;
}

/** Their row as ours; null where what it needs is missing. */
export function mapRow<S extends z.ZodObject>(
  { row, columns }: PlantView<S>,
  theirs: Record<string, unknown>,
): z.output<S> | null {
  const ours: Record<string, unknown> = {};
  for (const [name, candidates] of Object.entries<readonly string[]>(columns)) {
    const column = candidates.find((candidate) => theirs[candidate] !== undefined && theirs[candidate] !== null);
    ours[name] = column === undefined ? null : theirs[column];
  }
  const parsed = row.safeParse(ours);
  return parsed.success ? parsed.data : null;
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
