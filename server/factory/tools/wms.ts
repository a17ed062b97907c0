import { z } from "zod";
import { DAY, iso, isoOrNull } from "../plant/calendar.ts";
import { EXTERNAL_STORE, LOCATIONS } from "../plant/catalogue.ts";
import { PlantError, type Item, type Movement, type World } from "../plant/model.ts";
import { expectMaterial } from "../plant/outlook.ts";
import { adjustStock, findItem, onOrder, round, transferStock } from "../plant/supply.ts";
import { quantityAt } from "../plant/world.ts";
import { argument, count, hours, maybe, number, reads, text, writes, type FactoryTool } from "./tool.ts";

const stockColumns = {
  item_id: text,
  item: text,
  kind: text,
  location: text,
  unit: text,
  in_stock: number,
  min_stock: number,
  external_stock: number,
  on_order: number,
  use_per_day: number,
  days_of_cover: maybe.number,
  below_minimum: z.boolean(),
};

function stockRow(world: World, item: Item) {
  const inStock = quantityAt(world, item.home, item.id);
  return {
    item_id: item.id,
    item: item.name,
    kind: item.kind,
    location: item.home,
    unit: item.unit,
    in_stock: round(inStock),
    min_stock: item.minStock,
    external_stock: round(quantityAt(world, EXTERNAL_STORE, item.id)),
    on_order: onOrder(world, item.id),
    use_per_day: round(item.perDay),
    days_of_cover: item.kind === "finished" ? null : Math.round((10 * inStock) / item.perDay) / 10,
    below_minimum: inStock < item.minStock,
  };
}

const listInventory = reads({
  name: "list_inventory",
  title: "Inventory",
  description:
    "Inventory: stock of materials, spare parts and finished goods with minimum stock, days of cover and quantity on order.",
  input: {
    item_id: argument.item,
    kind: z.enum(["material", "spare_part", "finished"]).optional().describe("Only this kind of stock"),
  },
  columns: stockColumns,
  run(world, { item_id, kind }) {
    const items = item_id === undefined ? [...world.items.values()] : [findItem(world, item_id)];
    const rows = items.filter((item) => kind === undefined || item.kind === kind).map((item) => stockRow(world, item));
    const low = rows.filter((row) => row.below_minimum).length;
    return { summary: `${count(rows.length, "item")}, ${low} of them below the minimum stock.`, rows };
  },
});

const listBelowMinimum = reads({
  name: "list_stock_below_minimum",
  title: "Stock below minimum",
  description:
    "Low stock: materials and parts whose stock is below the minimum, how much is missing, how many days it lasts and what is on order.",
  input: { kind: z.enum(["material", "spare_part"]).optional().describe("Only this kind of stock") },
  columns: { ...stockColumns, missing: number },
  run(world, { kind }) {
    const rows = [...world.items.values()]
      .filter((item) => kind === undefined || item.kind === kind)
      .map((item) => stockRow(world, item))
      .filter((row) => row.below_minimum)
      .map((row) => ({ ...row, missing: round(row.min_stock - row.in_stock) }))
      .sort((a, b) => a.in_stock / a.min_stock - b.in_stock / b.min_stock);
    const [worst] = rows;
    const most = worst
      ? ` The lowest is ${worst.item} with ${worst.in_stock} of ${worst.min_stock} ${worst.unit}.`
      : "";
    return { summary: `${count(rows.length, "item")} below the minimum stock.${most}`, rows };
  },
});

const listByLocation = reads({
  name: "list_stock_by_location",
  title: "Stock by location",
  description:
    "Which stock lies at which warehouse location: quantity per item and location, also in the external store and in quarantine.",
  input: {
    item_id: argument.item,
    location: z.string().optional().describe("Location id, for example EXT-01 or RAW-A1"),
  },
  columns: { location: text, zone: text, item_id: text, item: text, quantity: number, unit: text },
  run(world, { item_id, location }) {
    const wanted = item_id === undefined ? undefined : findItem(world, item_id);
    const place = location === undefined ? undefined : findLocation(location).id;
    const rows = [...world.stock].flatMap(([key, quantity]) => {
      const [at = "", id = ""] = key.split("|");
      const item = world.items.get(id);
      if (!item || (wanted && item !== wanted) || (place && at !== place)) return [];
      const zone = LOCATIONS.find((it) => it.id === at)?.zone ?? "";
      return [{ location: at, zone, item_id: item.id, item: item.name, quantity: round(quantity), unit: item.unit }];
    });
    rows.sort((a, b) => a.location.localeCompare(b.location) || a.item_id.localeCompare(b.item_id));
    return {
      summary: `${count(rows.length, "stock", "stocks")} at ${count(new Set(rows.map((row) => row.location)).size, "location")}.`,
      rows,
    };
  },
});

function findLocation(id: string) {
  const found = LOCATIONS.find((location) => location.id === id.trim().toUpperCase());
  if (found) return found;
  throw new PlantError(
    `There is no location "${id}". Use one of: ${LOCATIONS.map((location) => location.id).join(", ")}.`,
  );
}

const listLocations = reads({
  name: "list_locations",
  title: "Warehouse locations",
  description: "The warehouse's locations and zones with how many different items lie in each.",
  input: {
    zone: z.enum(["Raw material", "External", "Finished goods", "Quarantine"]).optional().describe("Only this zone"),
  },
  columns: { location: text, name: text, zone: text, items: number },
  run(world, { zone }) {
    const rows = LOCATIONS.filter((it) => zone === undefined || it.zone === zone).map((it) => ({
      location: it.id,
      name: it.name,
      zone: it.zone,
      items: [...world.stock.keys()].filter((key) => key.startsWith(`${it.id}|`)).length,
    }));
    return { summary: `${count(rows.length, "location")}.`, rows };
  },
});

const listShortages = reads({
  name: "list_shortages",
  title: "Material shortages",
  description:
    "Material shortages that stop production: which material is missing, since when, which orders wait for it and when the delivery is expected.",
  input: {
    item_id: argument.item,
    only_open: z.boolean().default(false).describe("Only shortages that last still"),
    shortage_id: z.string().optional().describe("One shortage, for example SHT-1004"),
  },
  columns: {
    shortage_id: text,
    material_id: text,
    material: text,
    from: text,
    to: maybe.text,
    missing_hours: number,
    waiting_orders: text,
    external_stock: number,
    unit: text,
    delivery_expected_at: maybe.text,
    delivery_shipment_id: maybe.text,
  },
  run(world, { item_id, only_open, shortage_id }) {
    const wanted = item_id === undefined ? undefined : findItem(world, item_id);
    const rows = [...world.shortages.values()]
      .filter((it) => (!wanted || it.itemId === wanted.id) && (!only_open || it.to === null))
      .filter((it) =>
        shortage_id === undefined
          ? (it.to ?? world.now) > world.now - 7 * DAY
          : it.id === shortage_id.trim().toUpperCase(),
      )
      .map((it) => {
        const item = world.items.get(it.itemId);
        const delivery = [...world.purchases.values()]
          .filter((purchase) => purchase.itemId === it.itemId && purchase.status === "ordered")
          .map((purchase) => world.shipments.get(purchase.shipmentId))
          .filter((shipment) => shipment !== undefined)
          .sort((a, b) => a.eta - b.eta)[0];
        return {
          shortage_id: it.id,
          material_id: it.itemId,
          material: item?.name ?? "",
          from: iso(it.from),
          to: isoOrNull(it.to),
          missing_hours: hours((it.to ?? world.now) - it.from),
          waiting_orders: it.orderIds.join(", "),
          external_stock: round(quantityAt(world, EXTERNAL_STORE, it.itemId)),
          unit: item?.unit ?? "",
          delivery_expected_at: it.to === null ? iso(expectMaterial(world, it)) : null,
          delivery_shipment_id: it.to === null ? (delivery?.id ?? null) : null,
        };
      })
      .toReversed();
    const open = rows.filter((row) => row.to === null);
    const now =
      open.length > 0 ? `Missing now: ${open.map((row) => row.material).join(", ")}.` : "Nothing is missing now.";
    return { summary: `${now} ${count(rows.length, "shortage")} in all.`, rows };
  },
});

const movementColumns = {
  movement_id: text,
  at: text,
  item_id: text,
  item: text,
  quantity: number,
  unit: text,
  from_location: maybe.text,
  to_location: maybe.text,
  reason: text,
  reference: maybe.text,
  by: text,
};

const movementRow = (world: World, { id, itemId, at, fromLocation, toLocation, ...rest }: Movement) => ({
  movement_id: id,
  at: iso(at),
  item_id: itemId,
  item: world.items.get(itemId)?.name ?? "",
  quantity: rest.quantity,
  unit: world.items.get(itemId)?.unit ?? "",
  from_location: fromLocation,
  to_location: toLocation,
  reason: rest.reason,
  reference: rest.reference,
  by: rest.by,
});

const listMovements = reads({
  name: "list_stock_movements",
  title: "Stock movements",
  description:
    "The latest stock movements: goods receipts, consumption by production jobs, transfers between locations and stock counts.",
  input: {
    item_id: argument.item,
    reason: z
      .enum(["goods receipt", "consumption", "transfer", "stock count"])
      .optional()
      .describe("Only this kind of movement"),
  },
  columns: movementColumns,
  run(world, { item_id, reason }) {
    const wanted = item_id === undefined ? undefined : findItem(world, item_id);
    const rows = world.movements
      .filter((it) => (!wanted || it.itemId === wanted.id) && (reason === undefined || it.reason === reason))
      .map((it) => movementRow(world, it))
      .toReversed();
    return { summary: `${count(rows.length, "movement")}, the latest first.`, rows };
  },
});

const transfer = writes({
  name: "transfer_stock",
  title: "Transfer stock",
  description:
    "Books a transfer of stock from one location to another, for example from the external store EXT-01 to the material's own place, which ends a shortage.",
  idempotent: false,
  input: {
    item_id: z.string().describe("Material or part, by id or name, for example RM-1001"),
    from_location: z.string().default(EXTERNAL_STORE).describe("Where it lies; the external store if not given"),
    to_location: z.string().optional().describe("Where it shall lie; the item's own place if not given"),
    quantity: z.number().positive().optional().describe("How much, in the item's unit; all of it if not given"),
  },
  columns: movementColumns,
  run(world, { item_id, from_location, to_location, quantity }, by) {
    const movement = transferStock(world, { itemId: item_id, from: from_location, to: to_location, quantity, by });
    const row = movementRow(world, movement);
    return {
      summary: `${row.quantity} ${row.unit} ${row.item} moved from ${row.from_location} to ${row.to_location}.`,
      rows: [row],
    };
  },
});

const adjust = writes({
  name: "adjust_stock",
  title: "Book a stock count",
  description:
    "Books the result of a stock count: overwrites the quantity of an item at a location with what was counted.",
  idempotent: true,
  destructive: true,
  input: {
    item_id: z.string().describe("Material or part, by id or name, for example RM-1001"),
    location: z.string().optional().describe("Location id; the item's own place if not given"),
    counted_quantity: z.number().min(0).max(10_000_000).describe("What was counted, in the item's unit"),
  },
  columns: movementColumns,
  run(world, { item_id, location, counted_quantity }, by) {
    const movement = adjustStock(world, { itemId: item_id, location, countedQuantity: counted_quantity, by });
    const row = movementRow(world, movement);
    const sign = movement.fromLocation === null ? "more" : "less";
    return {
      summary: `${row.item} is now ${counted_quantity} ${row.unit}, ${row.quantity} ${sign} than in the books.`,
      rows: [row],
    };
  },
});

const setMinimum = writes({
  name: "set_minimum_stock",
  title: "Set the minimum stock",
  description: "Sets the minimum stock of a material or part, below which it is reported as low.",
  idempotent: true,
  input: {
    item_id: z.string().describe("Material or part, by id or name, for example RM-1001"),
    min_stock: z.number().min(0).max(10_000_000).describe("The new minimum, in the item's unit"),
  },
  columns: stockColumns,
  run(world, { item_id, min_stock }) {
    const item = findItem(world, item_id);
    item.minStock = min_stock;
    return {
      summary: `The minimum stock of ${item.name} (${item.id}) is now ${min_stock} ${item.unit}.`,
      rows: [stockRow(world, item)],
    };
  },
});

export const WMS_TOOLS: readonly FactoryTool[] = [
  listInventory,
  listBelowMinimum,
  listByLocation,
  listLocations,
  listShortages,
  listMovements,
  transfer,
  adjust,
  setMinimum,
];
