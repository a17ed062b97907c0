import { HOUR, type Minute } from "./calendar.ts";
import { CARRIERS, CUSTOMERS, FINISHED_GOODS, ROUTES } from "./catalogue.ts";
import type { Batch, Shipment, World } from "./model.ts";
import { PlantError } from "./model.ts";
import { receivePurchase } from "./supply.ts";
import { between } from "./random.ts";
import { addDelay, changeStock, find, nextId } from "./world.ts";

/** Trucks leave on even hours, and the goods must have been there an hour before. */
const DEPARTURE_EVERY = 2 * HOUR;
const LOADING = HOUR;
/** Share of the remaining way that a direct van needs. */
const EXPEDITED_TRANSIT = 0.6;

export const nextDeparture = (from: Minute): Minute => Math.ceil((from + LOADING) / DEPARTURE_EVERY) * DEPARTURE_EVERY;

export const transitMinutes = (routeId: string): number =>
  (ROUTES.find((route) => route.id === routeId)?.hours ?? 12) * HOUR;

/** Plans the truck for a released batch. */
export function planShipment(world: World, batch: Batch): void {
  const order = world.orders.get(batch.orderId);
  const customer = CUSTOMERS.find((it) => it.id === order?.customerId);
  const route = ROUTES.find((it) => it.id === customer?.routeId);
  if (!order || !customer || !route) return;
  const known = order.shipmentId ? world.shipments.get(order.shipmentId) : undefined;
  const departsAt = nextDeparture(world.now);
  const eta = departsAt + Math.round(transitMinutes(route.id) * between(world.random.transport, 0.95, 1.15));
  order.status = "ready_to_ship";
  if (known) {
    Object.assign(known, { departsAt, eta, plannedEta: eta });
    return;
  }
  const shipment: Shipment = {
    id: nextId(world, "SHP"),
    direction: "outbound",
    orderId: order.id,
    purchaseOrderId: null,
    partner: customer.name,
    carrierId: route.carrierId,
    routeId: route.id,
    status: "planned",
    departsAt,
    plannedEta: eta,
    eta,
    deliveredAt: null,
    delayReason: null,
    expedited: false,
  };
  world.shipments.set(shipment.id, shipment);
  order.shipmentId = shipment.id;
}

/** One minute on the road: departures and arrivals. */
export function tickTransport(world: World): void {
  for (const shipment of world.shipments.values()) {
    if (shipment.status === "planned" && shipment.departsAt <= world.now) depart(world, shipment);
    if (shipment.status === "in_transit" && shipment.eta <= world.now) arrive(world, shipment);
  }
}

function depart(world: World, shipment: Shipment): void {
  const order = shipment.orderId ? world.orders.get(shipment.orderId) : undefined;
  const batch = order && world.batches.get(order.batchId);
  if (order && batch) {
    // Held after the truck was planned: it leaves without these goods, and a new one is planned at the release.
    if (batch.status !== "released") return;
    batch.status = "shipped";
    order.status = "in_transit";
    changeStock(world, FINISHED_GOODS, order.productId, -batch.quantity);
  }
  shipment.status = "in_transit";
}

function arrive(world: World, shipment: Shipment): void {
  shipment.status = "delivered";
  shipment.deliveredAt = world.now;
  if (shipment.purchaseOrderId) receivePurchase(world, shipment.purchaseOrderId);
  const order = shipment.orderId ? world.orders.get(shipment.orderId) : undefined;
  if (order) Object.assign(order, { status: "delivered", deliveredAt: world.now });
}

export const findShipment = (world: World, id: string): Shipment =>
  find(world.shipments, id, "shipment", "list_shipments shows the open ones.");

const openShipment = (world: World, id: string): Shipment => {
  const shipment = findShipment(world, id);
  if (shipment.status !== "delivered") return shipment;
  throw new PlantError(`Shipment ${shipment.id} has already arrived. list_shipments shows the open ones.`);
};

/** Makes a shipment later, and its order with it. Throws PlantError when it has arrived. */
export function delayShipment(world: World, shipmentId: string, minutes: number, reason: string): Shipment {
  const shipment = openShipment(world, shipmentId);
  shipment.eta += minutes;
  shipment.delayReason = reason;
  const order = shipment.orderId ? world.orders.get(shipment.orderId) : undefined;
  if (order) addDelay(order, "shipment_delay", shipment.id, minutes);
  return shipment;
}

/** A direct van shortens the remaining way by two fifths, once. Throws PlantError. */
export function expediteShipment(
  world: World,
  shipmentId: string,
): { shipment: Shipment; costEur: number; saved: number } {
  const shipment = openShipment(world, shipmentId);
  if (shipment.expedited)
    throw new PlantError(`Shipment ${shipment.id} is already expedited; it arrives as early as it can.`);
  const start = Math.max(world.now, shipment.departsAt);
  const saved = Math.floor((shipment.eta - start) * (1 - EXPEDITED_TRANSIT));
  shipment.eta -= saved;
  shipment.expedited = true;
  const km = ROUTES.find((route) => route.id === shipment.routeId)?.km ?? 300;
  return { shipment, saved, costEur: Math.round(km * 1.9) };
}

/** Gives a shipment that has not left yet to another carrier. Throws PlantError. */
export function changeCarrier(world: World, shipmentId: string, carrierId: string): Shipment {
  const shipment = openShipment(world, shipmentId);
  const wanted = carrierId.trim().toLowerCase();
  const carrier = CARRIERS.find((it) => it.id.toLowerCase() === wanted || it.name.toLowerCase() === wanted);
  if (!carrier) {
    const known = CARRIERS.map((it) => `${it.id} (${it.name})`).join(", ");
    throw new PlantError(`There is no carrier "${carrierId}". Use one of: ${known}.`);
  }
  if (shipment.status !== "planned") {
    throw new PlantError(`Shipment ${shipment.id} is already on the road. Use expedite_shipment to make it faster.`);
  }
  shipment.carrierId = carrier.id;
  return shipment;
}
