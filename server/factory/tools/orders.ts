import { z } from "zod";
import { iso } from "../plant/calendar.ts";
import { CUSTOMERS } from "../plant/catalogue.ts";
import { PlantError, type CustomerOrder, type World } from "../plant/model.ts";
import { findOrderByAnyId, prioritiseOrder, rescheduleOrder } from "../plant/orders.ts";
import { openOrders, ordersAtRisk, outlookOf } from "../plant/outlook.ts";
import { explain, SYSTEM } from "./explain.ts";
import {
  argument,
  count,
  days,
  hours,
  matches,
  maybe,
  number,
  parseInstant,
  reads,
  text,
  writes,
  type FactoryTool,
} from "./tool.ts";

const orderColumns = {
  order_id: text,
  customer_id: text,
  customer: text,
  product_id: text,
  product: text,
  quantity_pcs: number,
  value_eur: number,
  priority: text,
  status: text,
  ordered_at: text,
  due_at: text,
  expected_at: text,
  days_late: number,
  production_order_id: text,
  batch_id: text,
  shipment_id: maybe.text,
};

function orderRow(world: World, order: CustomerOrder) {
  const expected = order.deliveredAt ?? outlookOf(world, order).expectedAt;
  return {
    order_id: order.id,
    customer_id: order.customerId,
    customer: customerName(order.customerId),
    product_id: order.productId,
    product: world.items.get(order.productId)?.name ?? "",
    quantity_pcs: order.quantity,
    value_eur: order.valueEur,
    priority: order.priority,
    status: order.status,
    ordered_at: iso(order.orderedAt),
    due_at: iso(order.dueAt),
    expected_at: iso(expected),
    days_late: Math.max(0, days(expected - order.dueAt)),
    production_order_id: order.productionOrderId,
    batch_id: order.batchId,
    shipment_id: order.shipmentId,
  };
}

const customerName = (id: string) => CUSTOMERS.find((customer) => customer.id === id)?.name ?? id;

const customer = z.string().optional().describe("Customer id or name, for example C-003 or Delta Schaltbau");

const listOrders = reads({
  name: "list_orders",
  title: "Customer orders",
  description:
    "Customer orders (sales orders) with product, quantity, value, due date, expected delivery and status; open orders unless told otherwise.",
  input: {
    order_id: argument.order,
    customer,
    status: z
      .enum(["planned", "in_production", "inspection", "on_hold", "ready_to_ship", "in_transit", "delivered"])
      .optional()
      .describe("Only orders in this status"),
    product: argument.item,
  },
  columns: orderColumns,
  run(world, { order_id, customer, status, product }) {
    const orders = order_id !== undefined ? [findOrderByAnyId(world, order_id)] : [...world.orders.values()];
    const rows = orders
      .filter(
        (order) =>
          order_id !== undefined || (status === undefined ? order.status !== "delivered" : order.status === status),
      )
      .filter((order) => matches(customer, order.customerId, customerName(order.customerId)))
      .filter((order) => matches(product, order.productId, world.items.get(order.productId)?.name ?? null))
      .sort((a, b) => a.dueAt - b.dueAt)
      .map((order) => orderRow(world, order));
    const late = rows.filter((row) => row.days_late > 0).length;
    const value = rows.reduce((sum, row) => sum + row.value_eur, 0);
    return {
      summary: `${count(rows.length, "order")} worth ${value} EUR, ${late} of them late or expected late.`,
      rows,
    };
  },
});

const listOrdersAtRisk = reads({
  name: "list_orders_at_risk",
  title: "Late orders and why",
  description:
    "Late orders and orders at risk of delay: how many days late each one is or will be, and why: machine down, material shortage, " +
    "quality hold or delayed shipment, with the ids under which the other systems show the cause.",
  input: {
    customer,
    min_days_late: z.number().min(0).optional().describe("Only orders at least this many days late"),
    cause: z
      .enum(["machine_down", "material_shortage", "quality_hold", "shipment_delay"])
      .optional()
      .describe("Only this main cause"),
  },
  columns: {
    order_id: text,
    customer: text,
    product: text,
    days_late: number,
    overdue: z.boolean(),
    due_at: text,
    expected_at: text,
    value_eur: number,
    status: text,
    cause: maybe.text,
    cause_id: maybe.text,
    cause_system: maybe.text,
    lost_hours: number,
    why: text,
    machine_id: maybe.text,
    material_id: maybe.text,
    batch_id: text,
    shipment_id: maybe.text,
  },
  run(world, { customer, min_days_late = 0, cause }) {
    const rows = ordersAtRisk(world)
      .filter(({ order }) => matches(customer, order.customerId, customerName(order.customerId)))
      .map(({ order, expectedAt, late, causes }) => {
        const [main] = causes;
        const told = main ? explain(world, order, main) : undefined;
        return {
          order_id: order.id,
          customer: customerName(order.customerId),
          product: world.items.get(order.productId)?.name ?? "",
          days_late: days(late),
          overdue: order.dueAt < world.now,
          due_at: iso(order.dueAt),
          expected_at: iso(expectedAt),
          value_eur: order.valueEur,
          status: order.status,
          cause: main?.cause ?? null,
          cause_id: main?.refId ?? null,
          cause_system: main ? SYSTEM[main.cause] : null,
          lost_hours: hours(main?.minutes ?? 0),
          why: told?.explanation ?? "More work than the machines could do in time",
          machine_id: told?.machine_id ?? null,
          material_id: told?.material_id ?? null,
          batch_id: order.batchId,
          shipment_id: order.shipmentId,
        };
      })
      .filter((row) => row.days_late >= min_days_late && (cause === undefined || row.cause === cause));
    const overdue = rows.filter((row) => row.overdue).length;
    const [worst] = rows;
    const most = worst
      ? ` The worst is ${worst.order_id} for ${worst.customer}, ${worst.days_late} days: ${worst.why}.`
      : "";
    return {
      summary: `${count(rows.length, "order")} late or at risk, ${overdue} past the due date already.${most}`,
      rows,
    };
  },
});

const explainOrder = reads({
  name: "explain_order",
  title: "Why is an order late",
  description:
    "Explains one order: every cause that cost it time (machine down, shortage, quality hold, shipment), the hours lost and where to see it.",
  input: {
    order_id: z
      .string()
      .describe("Order id, for example SO-1042; its production order, batch or shipment id works too"),
  },
  columns: {
    order_id: text,
    cause: text,
    cause_id: text,
    cause_system: text,
    lost_hours: number,
    explanation: text,
    machine_id: maybe.text,
    material_id: maybe.text,
  },
  run(world, { order_id }) {
    const order = findOrderByAnyId(world, order_id);
    const outlook = outlookOf(world, order);
    const at = order.deliveredAt ?? outlook.expectedAt;
    const rows = (order.deliveredAt === null ? outlook.causes : order.delays).map((delay) => ({
      order_id: order.id,
      cause: delay.cause,
      cause_id: delay.refId,
      cause_system: SYSTEM[delay.cause],
      lost_hours: hours(delay.minutes),
      ...explain(world, order, delay),
    }));
    const late = at > order.dueAt ? `${days(at - order.dueAt)} days late` : "in time";
    const verb = order.deliveredAt === null ? "is expected" : "was delivered";
    return {
      summary: `${order.id} (${order.status}) was due ${iso(order.dueAt)} and ${verb} ${iso(at)}, ${late}.`,
      rows,
    };
  },
});

const listCustomers = reads({
  name: "list_customers",
  title: "Customers",
  description: "Customers with city, open orders, their value, how many are late, and the share delivered in time.",
  input: { customer },
  columns: {
    customer_id: text,
    customer: text,
    city: text,
    country: text,
    open_orders: number,
    open_value_eur: number,
    late_orders: number,
    delivered_on_time_percent: maybe.number,
  },
  run(world, { customer }) {
    const risks = new Set(ordersAtRisk(world).map(({ order }) => order.id));
    const rows = CUSTOMERS.filter((it) => matches(customer, it.id, it.name)).map((it) => {
      const orders = [...world.orders.values()].filter((order) => order.customerId === it.id);
      const open = orders.filter((order) => order.status !== "delivered");
      const done = orders.filter((order) => order.deliveredAt !== null);
      const inTime = done.filter((order) => (order.deliveredAt ?? 0) <= order.dueAt).length;
      return {
        customer_id: it.id,
        customer: it.name,
        city: it.city,
        country: it.country,
        open_orders: open.length,
        open_value_eur: open.reduce((sum, order) => sum + order.valueEur, 0),
        late_orders: open.filter((order) => risks.has(order.id)).length,
        delivered_on_time_percent: done.length > 0 ? Math.round((1000 * inTime) / done.length) / 10 : null,
      };
    });
    if (rows.length === 0)
      throw new PlantError(`There is no customer "${customer}". list_customers without arguments shows all.`);
    return {
      summary: `${count(rows.length, "customer")} with ${count(openOrders(world).length, "open order")} in the plant.`,
      rows,
    };
  },
});

const reschedule = writes({
  name: "reschedule_order",
  title: "Reschedule an order",
  description: "Agrees a new due date for a customer order; the machines' queues are sorted again by due date.",
  idempotent: true,
  input: {
    order_id: z.string().describe("Order id, for example SO-1042"),
    due_at: z.string().describe("The new due date, ISO 8601: 2030-01-31 or 2030-01-31T16:00:00Z"),
  },
  columns: orderColumns,
  run(world, { order_id, due_at }) {
    const order = rescheduleOrder(world, order_id, parseInstant(world, due_at));
    return { summary: `Order ${order.id} is now due ${iso(order.dueAt)}.`, rows: [orderRow(world, order)] };
  },
});

const prioritise = writes({
  name: "set_order_priority",
  title: "Set the priority of an order",
  description: "Sets the priority of a customer order: high puts its jobs in front of the machines' queues.",
  idempotent: true,
  input: {
    order_id: z.string().describe("Order id, for example SO-1042"),
    priority: z.enum(["normal", "high"]).default("high").describe("The new priority"),
  },
  columns: orderColumns,
  run(world, { order_id, priority }) {
    const order = prioritiseOrder(world, order_id, priority);
    return { summary: `Order ${order.id} now has ${priority} priority.`, rows: [orderRow(world, order)] };
  },
});

/** ERP: customer orders and customers. */
export const ORDER_TOOLS: readonly FactoryTool[] = [
  listOrders,
  listOrdersAtRisk,
  explainOrder,
  listCustomers,
  reschedule,
  prioritise,
];
