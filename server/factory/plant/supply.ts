import { DAY, HOUR } from "./calendar.ts";
import { EXTERNAL_STORE, ROUTES, SPARE_PARTS, SUPPLIERS } from "./catalogue.ts";
import type { Item, Movement, PurchaseOrder, Shipment, World } from "./model.ts";
import { PlantError } from "./model.ts";
import { between } from "./random.ts";
import { changeStock, find, nextId, quantityAt, recordMovement } from "./world.ts";

/** A lot covers this many days; a new one is ordered when stock and what is on its way cover fewer than the second. */
const LOT_DAYS = 3.2;
const REORDER_DAYS = 2.4;
const EXTERNAL_DAYS = 0.8;

export const onOrder = (world: World, itemId: string): number => {
  let sum = 0;
  for (const purchase of world.purchases.values()) {
    if (purchase.itemId === itemId && purchase.status === "ordered") sum += purchase.quantity;
  }
  return sum;
};

/** Every quarter of an hour: service customers take spare parts, scarce material is ordered. */
export function tickSupply(world: World): void {
  for (const part of SPARE_PARTS) {
    const item = world.items.get(part.id);
    if (item)
      changeStock(world, item.home, item.id, -Math.round((item.perDay / 96) * between(world.random.supply, 0, 2)));
  }
  for (const item of world.items.values()) {
    if (item.kind !== "material") continue;
    const covered = quantityAt(world, item.home, item.id) + onOrder(world, item.id);
    if (covered < item.perDay * REORDER_DAYS) {
      placePurchase(world, item, Math.ceil((item.perDay * LOT_DAYS) / 10) * 10, "material planning");
    }
  }
}

/** Orders material and announces its delivery. `quantity` in the item's unit. */
export function placePurchase(world: World, item: Item, quantity: number, createdBy: string): PurchaseOrder {
  const supplier = SUPPLIERS.find((it) => it.id === item.supplierId);
  const route = ROUTES.find((it) => it.id === supplier?.routeId);
  if (!supplier || !route)
    throw new PlantError(`${item.name} (${item.id}) is not purchased. list_materials shows what is.`);
  const arrives = world.now + Math.round(supplier.leadHours * HOUR * between(world.random.supply, 0.9, 1.1));
  const shipment: Shipment = {
    id: nextId(world, "SHP"),
    direction: "inbound",
    orderId: null,
    purchaseOrderId: nextId(world, "PUR"),
    partner: supplier.name,
    carrierId: route.carrierId,
    routeId: route.id,
    status: "planned",
    departsAt: arrives - route.hours * HOUR,
    plannedEta: arrives,
    eta: arrives,
    deliveredAt: null,
    delayReason: null,
    expedited: false,
  };
  const purchase: PurchaseOrder = {
    id: shipment.purchaseOrderId ?? "",
    itemId: item.id,
    supplierId: supplier.id,
    quantity,
    orderedAt: world.now,
    dueAt: arrives,
    shipmentId: shipment.id,
    status: "ordered",
    createdBy,
  };
  world.shipments.set(shipment.id, shipment);
  world.purchases.set(purchase.id, purchase);
  return purchase;
}

export function receivePurchase(world: World, purchaseId: string): void {
  const purchase = world.purchases.get(purchaseId);
  const item = purchase && world.items.get(purchase.itemId);
  if (!purchase || !item || purchase.status === "received") return;
  purchase.status = "received";
  const missing = Math.max(0, item.perDay * EXTERNAL_DAYS - quantityAt(world, EXTERNAL_STORE, item.id));
  const toExternal = Math.min(missing, purchase.quantity * 0.1);
  changeStock(world, item.home, item.id, purchase.quantity - toExternal);
  changeStock(world, EXTERNAL_STORE, item.id, toExternal);
  recordMovement(world, {
    itemId: item.id,
    quantity: purchase.quantity,
    fromLocation: null,
    toLocation: item.home,
    reason: "goods receipt",
    reference: purchase.id,
    by: "goods receipt",
  });
}

/** Ends the shortages whose material is there again, and lets their jobs go on. */
export function closeShortages(world: World): void {
  for (const shortage of world.shortages.values()) {
    if (shortage.to !== null) continue;
    const item = world.items.get(shortage.itemId);
    if (!item || quantityAt(world, item.home, item.id) < (item.perDay / DAY) * HOUR) continue;
    shortage.to = world.now;
    for (const job of world.jobs.values()) if (job.shortageId === shortage.id) job.shortageId = null;
  }
}

function findLocation(world: World, item: Item, id: string): string {
  const wanted = id.trim().toUpperCase();
  const known = [...world.stock.keys()].filter((key) => key.endsWith(`|${item.id}`)).map((key) => key.split("|")[0]);
  const allowed = [...new Set([item.home, EXTERNAL_STORE, ...known])];
  if (allowed.includes(wanted)) return wanted;
  throw new PlantError(`${item.name} (${item.id}) has no place "${id}". It may lie in: ${allowed.join(", ")}.`);
}

export const findItem = (world: World, idOrName: string): Item => {
  const byName = [...world.items.values()].find((item) => item.name.toLowerCase() === idOrName.trim().toLowerCase());
  return byName ?? find(world.items, idOrName, "material or part", "list_inventory shows the known ones.");
};

/** Moves stock; without a quantity all of it. Throws PlantError when there is less than asked for. */
export function transferStock(
  world: World,
  input: { itemId: string; from: string; to?: string | undefined; quantity?: number | undefined; by: string },
): Movement {
  const item = findItem(world, input.itemId);
  const from = findLocation(world, item, input.from);
  const to = findLocation(world, item, input.to ?? item.home);
  const there = quantityAt(world, from, item.id);
  const quantity = input.quantity ?? there;
  if (from === to) throw new PlantError(`From and to are both ${from}. Name two different locations.`);
  if (there < quantity || there === 0) {
    throw new PlantError(
      `Only ${round(there)} ${item.unit} of ${item.name} (${item.id}) lie in ${from}. ` +
        "Ask for less, or see list_stock_by_location for other locations.",
    );
  }
  changeStock(world, from, item.id, -quantity);
  changeStock(world, to, item.id, quantity);
  closeShortages(world);
  return recordMovement(world, {
    itemId: item.id,
    quantity: round(quantity),
    fromLocation: from,
    toLocation: to,
    reason: "transfer",
    reference: null,
    by: input.by,
  });
}

/** Books what a count found. Throws PlantError for an unknown item or place. */
export function adjustStock(
  world: World,
  input: { itemId: string; location?: string | undefined; countedQuantity: number; by: string },
): Movement {
  const item = findItem(world, input.itemId);
  const location = findLocation(world, item, input.location ?? item.home);
  const difference = input.countedQuantity - quantityAt(world, location, item.id);
  changeStock(world, location, item.id, difference);
  closeShortages(world);
  return recordMovement(world, {
    itemId: item.id,
    quantity: round(Math.abs(difference)),
    fromLocation: difference < 0 ? location : null,
    toLocation: difference < 0 ? null : location,
    reason: "stock count",
    reference: null,
    by: input.by,
  });
}

export const round = (quantity: number): number => Math.round(quantity * 100) / 100;
