import { z } from "zod";
import { DAY, iso, isoOrNull } from "../plant/calendar.ts";
import { CARRIERS, ROUTES } from "../plant/catalogue.ts";
import { PlantError, type Shipment, type World } from "../plant/model.ts";
import { changeCarrier, delayShipment, expediteShipment, findShipment } from "../plant/transport.ts";
import { argument, count, hours, matches, maybe, number, reads, text, writes, type FactoryTool } from "./tool.ts";

const shipmentColumns = {
  shipment_id: text,
  direction: text,
  order_id: maybe.text,
  purchase_order_id: maybe.text,
  material_id: maybe.text,
  partner: text,
  carrier: text,
  route: text,
  status: text,
  departs_at: text,
  planned_arrival_at: text,
  expected_arrival_at: text,
  delay_hours: number,
  delay_reason: maybe.text,
  expedited: z.boolean(),
  delivered_at: maybe.text,
};

const carrierName = (id: string) => CARRIERS.find((carrier) => carrier.id === id)?.name ?? id;
const routeName = (id: string) => ROUTES.find((route) => route.id === id)?.name ?? id;

const shipmentRow = (world: World, it: Shipment) => ({
  shipment_id: it.id,
  direction: it.direction,
  order_id: it.orderId,
  purchase_order_id: it.purchaseOrderId,
  material_id: (it.purchaseOrderId ? world.purchases.get(it.purchaseOrderId)?.itemId : null) ?? null,
  partner: it.partner,
  carrier: carrierName(it.carrierId),
  route: routeName(it.routeId),
  status: it.status,
  departs_at: iso(it.departsAt),
  planned_arrival_at: iso(it.plannedEta),
  expected_arrival_at: iso(it.eta),
  delay_hours: Math.max(0, hours(it.eta - it.plannedEta)),
  delay_reason: it.delayReason,
  expedited: it.expedited,
  delivered_at: isoOrNull(it.deliveredAt),
});

const byArrival = (a: Shipment, b: Shipment) => a.eta - b.eta;

const listShipments = reads({
  name: "list_shipments",
  title: "Shipments",
  description:
    "Shipments: outbound deliveries to customers and inbound deliveries from suppliers with carrier, route, status and expected arrival.",
  input: {
    direction: z.enum(["outbound", "inbound"]).optional().describe("To customers or from suppliers"),
    status: z
      .enum(["planned", "in_transit", "delivered"])
      .optional()
      .describe("Only this status; those under way if not given"),
    order_id: argument.order,
    carrier: z.string().optional().describe("Carrier id or name"),
  },
  columns: shipmentColumns,
  run(world, { direction, status, order_id, carrier }) {
    const shipments = [...world.shipments.values()]
      .filter((it) => direction === undefined || it.direction === direction)
      .filter((it) =>
        status === undefined ? order_id !== undefined || it.status !== "delivered" : it.status === status,
      )
      .filter((it) => matches(order_id, it.orderId, it.purchaseOrderId, it.id))
      .filter((it) => matches(carrier, it.carrierId, carrierName(it.carrierId)))
      .sort(byArrival);
    const rows = shipments.map((it) => shipmentRow(world, it));
    const moving = rows.filter((row) => row.status === "in_transit").length;
    const late = rows.filter((row) => row.delay_reason !== null).length;
    return { summary: `${count(rows.length, "shipment")}, ${moving} on the road, ${late} delayed.`, rows };
  },
});

const listDelayed = reads({
  name: "list_delayed_shipments",
  title: "Delayed shipments",
  description:
    "Delayed shipments and late deliveries on the road: how many hours late, why, with which carrier, and the order or material that waits.",
  input: {
    direction: z.enum(["outbound", "inbound"]).optional().describe("To customers or from suppliers"),
    include_delivered: z.boolean().default(false).describe("Also those of the last week that have arrived"),
  },
  columns: shipmentColumns,
  run(world, { direction, include_delivered }) {
    const rows = [...world.shipments.values()]
      .filter((it) => it.delayReason !== null && (direction === undefined || it.direction === direction))
      .filter((it) => (it.deliveredAt === null ? true : include_delivered && it.deliveredAt > world.now - 7 * DAY))
      .map((it) => shipmentRow(world, it))
      .sort((a, b) => b.delay_hours - a.delay_hours);
    const [worst] = rows;
    const most = worst
      ? ` The longest is ${worst.shipment_id} to ${worst.partner}, ${worst.delay_hours} h: ${worst.delay_reason}.`
      : "";
    return {
      summary: `${count(rows.length, "shipment")} delayed.${most.replace(" to ", worst?.direction === "inbound" ? " from " : " to ")}`,
      rows,
    };
  },
});

const trackShipment = reads({
  name: "track_shipment",
  title: "Track a shipment",
  description: "Where a shipment is: planned and passed stations of one delivery, by shipment id or order id.",
  input: { shipment_id: z.string().describe("Shipment id, for example SHP-1042, or the order's id") },
  columns: { shipment_id: text, station: text, planned_at: text, expected_at: text, done: z.boolean() },
  run(world, { shipment_id }) {
    const wanted = shipment_id.trim().toUpperCase();
    const shipment =
      [...world.shipments.values()].find((it) => it.orderId === wanted || it.purchaseOrderId === wanted) ??
      findShipment(world, wanted);
    const half = (to: number) => Math.round((shipment.departsAt + to) / 2);
    const stations = [
      { station: "Departure", planned: shipment.departsAt, expected: shipment.departsAt },
      {
        station: `Hub on ${routeName(shipment.routeId)}`,
        planned: half(shipment.plannedEta),
        expected: half(shipment.eta),
      },
      { station: `Arrival for ${shipment.partner}`, planned: shipment.plannedEta, expected: shipment.eta },
    ];
    const rows = stations.map(({ station, planned, expected }) => ({
      shipment_id: shipment.id,
      station,
      planned_at: iso(planned),
      expected_at: iso(expected),
      done: shipment.status !== "planned" && expected <= world.now,
    }));
    const reason = shipment.delayReason ? ` Delayed: ${shipment.delayReason}.` : "";
    return {
      summary: `${shipment.id} is ${shipment.status.replace("_", " ")}, arrival ${iso(shipment.eta)}.${reason}`,
      rows,
    };
  },
});

const listRoutes = reads({
  name: "list_routes",
  title: "Routes",
  description:
    "Transport routes with distance in km, usual transit time in hours, regular carrier and shipments on the way.",
  input: { route: z.string().optional().describe("Route id, for example R-04") },
  columns: {
    route_id: text,
    route: text,
    distance_km: number,
    transit_hours: number,
    carrier: text,
    open_shipments: number,
    delayed_shipments: number,
  },
  run(world, { route }) {
    const rows = ROUTES.filter((it) => matches(route, it.id, it.name)).map((it) => {
      const open = [...world.shipments.values()].filter(
        (shipment) => shipment.routeId === it.id && shipment.status !== "delivered",
      );
      return {
        route_id: it.id,
        route: it.name,
        distance_km: it.km,
        transit_hours: it.hours,
        carrier: carrierName(it.carrierId),
        open_shipments: open.length,
        delayed_shipments: open.filter((shipment) => shipment.delayReason !== null).length,
      };
    });
    if (rows.length === 0)
      throw new PlantError(`There is no route "${route}". Use one of: ${ROUTES.map((it) => it.id).join(", ")}.`);
    return { summary: `${count(rows.length, "route")}.`, rows };
  },
});

const listCarriers = reads({
  name: "list_carriers",
  title: "Carriers",
  description:
    "Carriers (forwarders) with price per km, shipments of the last two weeks and the share that arrived on time in percent.",
  input: {},
  columns: {
    carrier_id: text,
    carrier: text,
    price_per_km_eur: number,
    delivered_shipments: number,
    on_time_percent: maybe.number,
    open_shipments: number,
  },
  run(world) {
    const rows = CARRIERS.map((it) => {
      const own = [...world.shipments.values()].filter((shipment) => shipment.carrierId === it.id);
      const done = own.filter((shipment) => shipment.deliveredAt !== null);
      const onTime = done.filter((shipment) => (shipment.deliveredAt ?? 0) <= shipment.plannedEta).length;
      return {
        carrier_id: it.id,
        carrier: it.name,
        price_per_km_eur: it.pricePerKmEur,
        delivered_shipments: done.length,
        on_time_percent: done.length > 0 ? Math.round((1000 * onTime) / done.length) / 10 : null,
        open_shipments: own.length - done.length,
      };
    }).sort((a, b) => (b.on_time_percent ?? 0) - (a.on_time_percent ?? 0));
    const [best] = rows;
    return {
      summary: `${count(rows.length, "carrier")}; the most punctual is ${best?.carrier} with ${best?.on_time_percent} % on time.`,
      rows,
    };
  },
});

const shipmentId = z.string().describe("Shipment id, for example SHP-1042");

const expedite = writes({
  name: "expedite_shipment",
  title: "Expedite a shipment",
  description: "Sends a shipment on by direct van: shortens the remaining way by two fifths, once, at extra cost.",
  idempotent: false,
  input: { shipment_id: shipmentId },
  columns: { ...shipmentColumns, saved_hours: number, cost_eur: number },
  run(world, { shipment_id }) {
    const { shipment, saved, costEur } = expediteShipment(world, shipment_id);
    const row = { ...shipmentRow(world, shipment), saved_hours: hours(saved), cost_eur: costEur };
    return {
      summary: `${shipment.id} now arrives ${iso(shipment.eta)}, ${row.saved_hours} h earlier, for ${costEur} EUR.`,
      rows: [row],
    };
  },
});

const change = writes({
  name: "change_carrier",
  title: "Change the carrier",
  description: "Gives a shipment that has not left yet to another carrier.",
  idempotent: true,
  input: { shipment_id: shipmentId, carrier: z.string().describe("Carrier id or name, for example K-01") },
  columns: shipmentColumns,
  run(world, { shipment_id, carrier }) {
    const shipment = changeCarrier(world, shipment_id, carrier);
    return {
      summary: `${shipment.id} now goes with ${carrierName(shipment.carrierId)}.`,
      rows: [shipmentRow(world, shipment)],
    };
  },
});

const reportDelay = writes({
  name: "report_shipment_delay",
  title: "Report a shipment delay",
  description: "Records that a shipment will be late: adds hours to its expected arrival, with the reason.",
  idempotent: false,
  input: {
    shipment_id: shipmentId,
    hours: z.number().positive().max(240).describe("How many hours later it arrives"),
    reason: z.string().min(1).max(200).describe("Why it is late"),
  },
  columns: shipmentColumns,
  run(world, { shipment_id, hours, reason }) {
    const shipment = delayShipment(world, shipment_id, Math.round(hours * 60), reason);
    return {
      summary: `${shipment.id} is now expected ${iso(shipment.eta)}: ${reason}.`,
      rows: [shipmentRow(world, shipment)],
    };
  },
});

export const TMS_TOOLS: readonly FactoryTool[] = [
  listShipments,
  listDelayed,
  trackShipment,
  listRoutes,
  listCarriers,
  expedite,
  change,
  reportDelay,
];
