import { createCalendar, DAY, type Minute } from "./calendar.ts";
import * as catalogue from "./catalogue.ts";
import type { CustomerOrder, DelayCause, Item, Machine, Movement, World } from "./model.ts";
import { PlantError } from "./model.ts";
import { createRandom } from "./random.ts";

/** Days of mean demand below which a purchased material counts as scarce. */
const MIN_COVER_DAYS = 1.2;

function createItems(): Map<string, Item> {
  const perDay = new Map<string, number>();
  const use = (needs: readonly { itemId: string; perPiece: number }[], pieces: number) => {
    for (const { itemId, perPiece } of needs) perDay.set(itemId, (perDay.get(itemId) ?? 0) + perPiece * pieces);
  };
  for (const product of catalogue.PRODUCTS) for (const step of product.route) use(step.needs, product.perDay);
  for (const part of catalogue.SPARE_PARTS) use(part.needs, part.perDay);

  const items: Item[] = [
    ...catalogue.MATERIALS.map((material): Item => {
      const demand = perDay.get(material.id) ?? 0;
      return { ...material, kind: "material", perDay: demand, minStock: roundUp(demand * MIN_COVER_DAYS) };
    }),
    ...catalogue.SPARE_PARTS.map((part): Item => ({
      id: part.id,
      name: part.name,
      kind: "spare_part",
      unit: "pcs",
      home: catalogue.SPARE_PARTS_STORE,
      perDay: part.perDay,
      minStock: part.lot,
      supplierId: null,
    })),
    ...catalogue.PRODUCTS.map((product): Item => ({
      id: product.id,
      name: product.name,
      kind: "finished",
      unit: "pcs",
      home: catalogue.FINISHED_GOODS,
      perDay: product.perDay,
      // Products are made to order: nobody keeps a minimum of them.
      minStock: 0,
      supplierId: null,
    })),
  ];
  return new Map(items.map((item) => [item.id, item]));
}

const roundUp = (quantity: number) => {
  const step = quantity > 1000 ? 100 : 10;
  return Math.ceil(quantity / step) * step;
};

/** An empty plant with full stores: the warm-up gives it its history. */
export function createWorld(seed: number | string, start: Minute, timeZone: string): World {
  const stream = (name: string) => createRandom(seed, name);
  const items = createItems();
  const supply = stream("supply");
  const stock = new Map<string, number>();
  for (const item of items.values()) {
    if (item.kind === "finished") continue;
    const days = item.kind === "material" ? 2 + 3 * supply() : 0.4 + 0.4 * supply();
    stock.set(`${item.home}|${item.id}`, Math.round(item.perDay * days));
    if (item.kind === "material") stock.set(`${catalogue.EXTERNAL_STORE}|${item.id}`, Math.round(item.perDay * 0.8));
  }
  return {
    now: start,
    calendar: createCalendar(timeZone),
    machines: catalogue.MACHINES.map((facts): Machine => {
      const random = stream(facts.id);
      return {
        ...facts,
        state: "idle",
        stateSince: start,
        jobId: null,
        queue: [],
        lastProduct: null,
        stepLeft: 0,
        downtimeId: null,
        backlogOf: null,
        wear: random() * 0.7,
        drift: 1,
        partial: 0,
        partialScrap: 0,
        buckets: [],
        random,
      };
    }),
    items,
    stock,
    orders: new Map(),
    jobs: new Map(),
    batches: new Map(),
    downtimes: new Map(),
    alarms: new Map(),
    tickets: new Map(),
    shortages: new Map(),
    defects: new Map(),
    audits: new Map(),
    shipments: new Map(),
    purchases: new Map(),
    movements: [],
    counters: new Map(),
    nextOrderAt: new Map(),
    nextIncidentAt: new Map(),
    faultyBatchDue: false,
    random: {
      orders: stream("orders"),
      supply,
      quality: stream("quality"),
      transport: stream("transport"),
      incidents: stream("incidents"),
      audits: stream("audits"),
    },
  };
}

/** Ids count up from 1001 for each kind: ALM-1001, ALM-1002 … */
export function nextId(world: World, prefix: string): string {
  const number = (world.counters.get(prefix) ?? 1000) + 1;
  world.counters.set(prefix, number);
  return `${prefix}-${number}`;
}

/** Throws PlantError naming the known ids when there are few, or the tool that lists them. */
export function find<T>(from: ReadonlyMap<string, T>, id: string, what: string, remedy: string): T {
  const found = from.get(id.trim().toUpperCase());
  if (found === undefined) throw new PlantError(`There is no ${what} "${id}". ${remedy}`);
  return found;
}

/** Accepts an id ("M-203") or a name ("CNC mill 3"), in any case. Throws PlantError with all machines named. */
export function findMachine(world: World, idOrName: string): Machine {
  const wanted = idOrName.trim().toLowerCase();
  const found = world.machines.find((machine) => [machine.id, machine.name].some((it) => it.toLowerCase() === wanted));
  if (found) return found;
  const known = world.machines.map((machine) => `${machine.id} (${machine.name})`).join(", ");
  throw new PlantError(`There is no machine "${idOrName}". Use one of: ${known}.`);
}

export const quantityAt = (world: World, location: string, itemId: string): number =>
  world.stock.get(`${location}|${itemId}`) ?? 0;

export function changeStock(world: World, location: string, itemId: string, by: number): void {
  const key = `${location}|${itemId}`;
  const quantity = Math.max(0, (world.stock.get(key) ?? 0) + by);
  // Kilograms are booked in fractions; a trace below a gram is nothing.
  if (quantity < 0.001) world.stock.delete(key);
  else world.stock.set(key, quantity);
}

const MOVEMENTS_KEPT = 500;

export function recordMovement(world: World, movement: Omit<Movement, "id" | "at">): Movement {
  const entry = { id: nextId(world, "MV"), at: world.now, ...movement };
  world.movements.push(entry);
  if (world.movements.length > MOVEMENTS_KEPT) world.movements.splice(0, world.movements.length - MOVEMENTS_KEPT);
  return entry;
}

export function addDelay(order: CustomerOrder, cause: DelayCause, refId: string, minutes: number): void {
  const known = order.delays.find((delay) => delay.refId === refId);
  if (known) known.minutes += minutes;
  else order.delays.push({ cause, refId, minutes });
}

/** Closed records are kept this long, so that last week's lateness can still be explained. */
const KEPT = 16 * DAY;

/** Forgets what was closed long ago; open records and what they refer to stay. */
export function forgetOldRecords(world: World): void {
  const before = world.now - KEPT;
  const drop = <T>(from: Map<string, T>, closedAt: (entry: T) => Minute | null) => {
    for (const [id, entry] of from) if ((closedAt(entry) ?? Infinity) < before) from.delete(id);
  };
  drop(world.downtimes, (it) => it.to);
  drop(world.alarms, (it) => it.clearedAt);
  drop(world.tickets, (it) => it.doneAt);
  drop(world.shortages, (it) => it.to);
  drop(world.defects, (it) => it.closedAt);
  drop(world.audits, (it) => it.completedAt);
  drop(world.shipments, (it) => it.deliveredAt);
  drop(world.purchases, (it) => (it.status === "received" ? it.dueAt : null));
  drop(world.orders, (it) => it.deliveredAt);
  for (const batch of world.batches.values()) if (!world.orders.has(batch.orderId)) world.batches.delete(batch.id);
  drop(world.jobs, (it) => it.finishedAt);
  for (const machine of world.machines)
    machine.buckets = machine.buckets.filter((bucket) => bucket.at >= before + 8 * DAY);
}
