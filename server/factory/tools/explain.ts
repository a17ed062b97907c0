import { CARRIERS } from "../plant/catalogue.ts";
import { iso } from "../plant/calendar.ts";
import type { CustomerOrder, Delay, DelayCause, World } from "../plant/model.ts";
import { expectMaterial } from "../plant/outlook.ts";
import { hours } from "./tool.ts";

/** Where a person finds the record that a cause names. */
export const SYSTEM: Record<DelayCause, string> = {
  machine_down: "fertigung",
  material_shortage: "wms",
  quality_hold: "qms",
  shipment_delay: "tms",
};

interface Explanation {
  machine_id: string | null;
  material_id: string | null;
  explanation: string;
}

/** A delay in words, with the ids under which the other systems show it. */
export function explain(world: World, order: CustomerOrder, delay: Delay): Explanation {
  const none = { machine_id: null, material_id: null };
  const gone = { ...none, explanation: `${delay.refId} (record no longer kept)` };
  if (delay.cause === "machine_down") {
    const downtime = world.downtimes.get(delay.refId);
    const machine = world.machines.find((it) => it.id === downtime?.machineId);
    if (!downtime || !machine) return gone;
    const length = hours((downtime.to ?? world.now) - downtime.from);
    const since =
      downtime.to === null ? `is down since ${iso(downtime.from)} (${length} h so far)` : `was down for ${length} h`;
    const explanation = `${machine.name} (${machine.id}) ${since}: ${downtime.reason}, ${downtime.id}`;
    return { ...none, machine_id: machine.id, explanation };
  }
  if (delay.cause === "material_shortage") {
    const shortage = world.shortages.get(delay.refId);
    const item = shortage && world.items.get(shortage.itemId);
    if (!shortage || !item) return gone;
    const state =
      shortage.to === null
        ? `has run out; the next delivery is expected ${iso(expectMaterial(world, shortage))}`
        : `was missing for ${hours(shortage.to - shortage.from)} h`;
    return { ...none, material_id: item.id, explanation: `${item.name} (${item.id}) ${state}, ${shortage.id}` };
  }
  if (delay.cause === "quality_hold") {
    const defect = world.defects.get(delay.refId);
    if (!defect) return gone;
    const state = defect.status === "closed" ? "was held" : "is on hold";
    const explanation = `Batch ${defect.batchId} ${state} for ${defect.type}, ${defect.id}`;
    return { ...none, machine_id: defect.machineId, explanation };
  }
  const shipment = world.shipments.get(delay.refId);
  if (!shipment) return gone;
  const carrier = CARRIERS.find((it) => it.id === shipment.carrierId)?.name ?? shipment.carrierId;
  return {
    ...none,
    explanation: `Shipment ${shipment.id} of ${order.id} with ${carrier} lost ${hours(delay.minutes)} h: ${shipment.delayReason ?? "unknown"}`,
  };
}
