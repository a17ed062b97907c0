import { z } from "zod";
import { DAY, iso, isoOrNull } from "../plant/calendar.ts";
import { SUPPLIERS } from "../plant/catalogue.ts";
import type { PurchaseOrder, World } from "../plant/model.ts";
import { findItem, onOrder, placePurchase, round } from "../plant/supply.ts";
import { quantityAt } from "../plant/world.ts";
import { argument, count, days, matches, maybe, number, reads, text, writes, type FactoryTool } from "./tool.ts";

const listMaterials = reads({
  name: "list_materials",
  title: "Materials and suppliers",
  description: "Purchased materials with supplier, lead time, use per day, stock and quantity on order.",
  input: { material_id: argument.item, supplier: z.string().optional().describe("Supplier id or name") },
  columns: {
    material_id: text,
    material: text,
    unit: text,
    supplier_id: text,
    supplier: text,
    lead_time_hours: number,
    use_per_day: number,
    in_stock: number,
    min_stock: number,
    on_order: number,
  },
  run(world, { material_id, supplier }) {
    const wanted = material_id === undefined ? undefined : findItem(world, material_id);
    const rows = [...world.items.values()]
      .filter((item) => item.kind === "material" && (!wanted || item === wanted))
      .map((item) => {
        const from = SUPPLIERS.find((it) => it.id === item.supplierId);
        return {
          material_id: item.id,
          material: item.name,
          unit: item.unit,
          supplier_id: from?.id ?? "",
          supplier: from?.name ?? "",
          lead_time_hours: from?.leadHours ?? 0,
          use_per_day: round(item.perDay),
          in_stock: round(quantityAt(world, item.home, item.id)),
          min_stock: item.minStock,
          on_order: onOrder(world, item.id),
        };
      })
      .filter((row) => matches(supplier, row.supplier_id, row.supplier));
    return { summary: `${count(rows.length, "purchased material")}.`, rows };
  },
});

const purchaseColumns = {
  purchase_order_id: text,
  material_id: text,
  material: text,
  quantity: number,
  unit: text,
  supplier: text,
  status: text,
  ordered_at: text,
  due_at: text,
  expected_at: maybe.text,
  days_late: number,
  shipment_id: text,
  created_by: text,
};

function purchaseRow(world: World, purchase: PurchaseOrder) {
  const item = world.items.get(purchase.itemId);
  const shipment = world.shipments.get(purchase.shipmentId);
  return {
    purchase_order_id: purchase.id,
    material_id: purchase.itemId,
    material: item?.name ?? "",
    quantity: purchase.quantity,
    unit: item?.unit ?? "",
    supplier: SUPPLIERS.find((it) => it.id === purchase.supplierId)?.name ?? "",
    status: purchase.status,
    ordered_at: iso(purchase.orderedAt),
    due_at: iso(purchase.dueAt),
    expected_at: isoOrNull(shipment?.eta ?? null),
    days_late: Math.max(0, days((shipment?.eta ?? purchase.dueAt) - purchase.dueAt)),
    shipment_id: purchase.shipmentId,
    created_by: purchase.createdBy,
  };
}

const listPurchaseOrders = reads({
  name: "list_purchase_orders",
  title: "Purchase orders",
  description:
    "Purchase orders to suppliers: which material is on order, how much, when it is due and when it is expected to arrive.",
  input: {
    material_id: argument.item,
    include_received: z.boolean().default(false).describe("Also those of the last days that have arrived"),
  },
  columns: purchaseColumns,
  run(world, { material_id, include_received }) {
    const wanted = material_id === undefined ? undefined : findItem(world, material_id);
    const rows = [...world.purchases.values()]
      .filter((it) => (include_received ? it.dueAt > world.now - 3 * DAY : it.status === "ordered"))
      .filter((it) => !wanted || it.itemId === wanted.id)
      .map((it) => purchaseRow(world, it));
    const late = rows.filter((row) => row.days_late > 0).length;
    return { summary: `${count(rows.length, "purchase order")}, ${late} of them late.`, rows };
  },
});

const purchase = writes({
  name: "create_purchase_order",
  title: "Order material from the supplier",
  description: "Orders a material from its supplier; it arrives after the supplier's lead time, as a shipment in TMS.",
  idempotent: false,
  input: {
    material_id: z.string().describe("Material id or name, for example RM-1001"),
    quantity: z.number().positive().max(1_000_000).describe("How much, in the material's unit"),
  },
  columns: purchaseColumns,
  run(world, { material_id, quantity }, by) {
    const row = purchaseRow(world, placePurchase(world, findItem(world, material_id), quantity, by));
    const summary = `${row.purchase_order_id}: ${row.quantity} ${row.unit} ${row.material} from ${row.supplier}, expected ${row.expected_at}.`;
    return { summary, rows: [row] };
  },
});

/** ERP: materials and purchase orders. */
export const PURCHASING_TOOLS: readonly FactoryTool[] = [listMaterials, listPurchaseOrders, purchase];
