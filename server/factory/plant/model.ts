import type { Calendar, Minute } from "./calendar.ts";
import type { Random } from "./random.ts";

export type MachineGroup = "press" | "mill" | "lathe" | "mould" | "laser" | "weld" | "paint" | "assembly";
/** `starved`: wants to work and lacks material. `idle`: nothing to do, not planned. `maintenance`: planned stop. */
export type MachineState = "running" | "setup" | "down" | "starved" | "idle" | "maintenance";

/** What a machine did in one quarter of an hour: minutes by state, and what it made. OEE is computed from these alone. */
export interface Bucket extends Record<MachineState, number> {
  at: Minute;
  good: number;
  scrap: number;
  /** Minutes that the made pieces would have taken at the ideal cycle. */
  ideal: number;
}

export interface Machine {
  id: string;
  name: string;
  group: MachineGroup;
  /** Mean minutes of running between two breakdowns. */
  mtbf: number;
  setupMinutes: number;
  /** Share of the ideal speed with a new tool. */
  speed: number;
  scrapRate: number;
  toolId: string;
  toolName: string;
  toolLifeMinutes: number;
  state: MachineState;
  stateSince: Minute;
  /** Job at the machine, whether running, in setup or interrupted. */
  jobId: string | null;
  queue: string[];
  lastProduct: string | null;
  /** Minutes left of the present setup, repair or maintenance. */
  stepLeft: number;
  downtimeId: string | null;
  /** A long stop whose backlog is still in the queue: waiting here is that stop's doing. */
  backlogOf: string | null;
  /** 0 new … 1 worn out. */
  wear: number;
  drift: number;
  partial: number;
  partialScrap: number;
  buckets: Bucket[];
  random: Random;
}

interface Need {
  itemId: string;
  perPiece: number;
}

interface Operation {
  group: MachineGroup;
  /** Ideal seconds per piece. */
  cycle: number;
  needs: readonly Need[];
}

export interface Product {
  id: string;
  name: string;
  priceEur: number;
  /** Mean pieces that customers order per day. */
  perDay: number;
  route: readonly Operation[];
}

export interface Item {
  id: string;
  name: string;
  kind: "material" | "spare_part" | "finished";
  unit: "kg" | "pcs" | "l";
  home: string;
  minStock: number;
  /** Mean use per day, for days of cover. */
  perDay: number;
  supplierId: string | null;
}

export interface Job {
  id: string;
  productionOrderId: string;
  /** null: made for stock. */
  orderId: string | null;
  productId: string;
  operationNo: number;
  group: MachineGroup;
  cycle: number;
  needs: readonly Need[];
  quantity: number;
  good: number;
  scrap: number;
  status: "planned" | "queued" | "running" | "interrupted" | "done";
  machineId: string | null;
  shortageId: string | null;
  queuedAt: Minute | null;
  startedAt: Minute | null;
  finishedAt: Minute | null;
}

export type DelayCause = "machine_down" | "material_shortage" | "quality_hold" | "shipment_delay";

/** Time that an order lost, by the record in the other system that cost it. */
export interface Delay {
  cause: DelayCause;
  /** Id of the downtime, shortage, defect or shipment. */
  refId: string;
  minutes: number;
}

type OrderStatus =
  "planned" | "in_production" | "inspection" | "on_hold" | "ready_to_ship" | "in_transit" | "delivered";

export interface CustomerOrder {
  id: string;
  customerId: string;
  productId: string;
  quantity: number;
  valueEur: number;
  priority: "normal" | "high";
  orderedAt: Minute;
  dueAt: Minute;
  status: OrderStatus;
  productionOrderId: string;
  batchId: string;
  jobIds: string[];
  shipmentId: string | null;
  deliveredAt: Minute | null;
  delays: Delay[];
}

export interface Downtime {
  id: string;
  machineId: string;
  alarmId: string;
  reason: string;
  from: Minute;
  to: Minute | null;
  /** Minutes until somebody comes; acknowledging the alarm ends them. */
  waitLeft: number;
  repairLeft: number;
  expedited: boolean;
}

export interface Alarm {
  id: string;
  machineId: string;
  severity: "critical" | "warning" | "info";
  kind: "breakdown" | "tool_wear" | "condition";
  text: string;
  raisedAt: Minute;
  clearedAt: Minute | null;
  /** When a condition passes by itself. */
  passesAt: Minute | null;
  acknowledgedAt: Minute | null;
  acknowledgedBy: string | null;
}

export interface Ticket {
  id: string;
  machineId: string;
  kind: "repair" | "inspection" | "tool_change";
  title: string;
  priority: "low" | "normal" | "high";
  status: "open" | "in_progress" | "done";
  createdAt: Minute;
  createdBy: string;
  plannedAt: Minute;
  doneAt: Minute | null;
  downtimeId: string | null;
}

export interface Shortage {
  id: string;
  itemId: string;
  from: Minute;
  to: Minute | null;
  orderIds: string[];
}

export interface Defect {
  id: string;
  orderId: string | null;
  batchId: string;
  productId: string;
  machineId: string | null;
  type: string;
  severity: "minor" | "major" | "critical";
  quantity: number;
  foundAt: Minute;
  status: "open" | "in_review" | "closed";
  closedAt: Minute | null;
  reportedBy: string;
  /** True while this defect keeps its batch from being shipped. */
  holds: boolean;
  /** When the review will be done if nobody acts. */
  reviewEnds: Minute | null;
  note: string | null;
}

export interface Batch {
  id: string;
  orderId: string;
  productId: string;
  quantity: number;
  status: "in_production" | "inspection" | "on_hold" | "released" | "shipped";
  inspectionEnds: Minute | null;
}

export interface Audit {
  id: string;
  area: string;
  type: "process" | "product" | "5S" | "safety";
  auditor: string;
  dueAt: Minute;
  /** When the auditor really gets to it if nobody else does. */
  doneBy: Minute;
  completedAt: Minute | null;
  scorePercent: number | null;
  findings: number | null;
}

export interface Shipment {
  id: string;
  direction: "outbound" | "inbound";
  orderId: string | null;
  purchaseOrderId: string | null;
  partner: string;
  carrierId: string;
  routeId: string;
  status: "planned" | "in_transit" | "delivered";
  departsAt: Minute;
  plannedEta: Minute;
  eta: Minute;
  deliveredAt: Minute | null;
  delayReason: string | null;
  expedited: boolean;
}

export interface PurchaseOrder {
  id: string;
  itemId: string;
  supplierId: string;
  quantity: number;
  orderedAt: Minute;
  dueAt: Minute;
  shipmentId: string;
  status: "ordered" | "received";
  createdBy: string;
}

export interface Movement {
  id: string;
  at: Minute;
  itemId: string;
  quantity: number;
  fromLocation: string | null;
  toLocation: string | null;
  reason: string;
  reference: string | null;
  by: string;
}

export interface World {
  now: Minute;
  calendar: Calendar;
  machines: Machine[];
  items: Map<string, Item>;
  /** `location|item` → quantity. */
  stock: Map<string, number>;
  orders: Map<string, CustomerOrder>;
  jobs: Map<string, Job>;
  batches: Map<string, Batch>;
  downtimes: Map<string, Downtime>;
  alarms: Map<string, Alarm>;
  tickets: Map<string, Ticket>;
  shortages: Map<string, Shortage>;
  defects: Map<string, Defect>;
  audits: Map<string, Audit>;
  shipments: Map<string, Shipment>;
  purchases: Map<string, PurchaseOrder>;
  movements: Movement[];
  counters: Map<string, number>;
  /** Product → when the next customer order comes. */
  nextOrderAt: Map<string, Minute>;
  nextIncidentAt: Map<string, Minute>;
  /** The next batch to be inspected is found faulty. */
  faultyBatchDue: boolean;
  random: Record<"orders" | "supply" | "quality" | "transport" | "incidents" | "audits", Random>;
}

/** A mistake of the caller: the message says what to do instead. */
export class PlantError extends Error {
  override readonly name = "PlantError";
}
