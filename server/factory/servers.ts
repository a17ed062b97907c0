import { MACHINE_TOOLS } from "./tools/machines.ts";
import { MAINTENANCE_TOOLS } from "./tools/maintenance.ts";
import { ORDER_TOOLS } from "./tools/orders.ts";
import { PURCHASING_TOOLS } from "./tools/purchasing.ts";
import { QMS_TOOLS } from "./tools/qms.ts";
import { TMS_TOOLS } from "./tools/tms.ts";
import type { FactoryTool } from "./tools/tool.ts";
import { WMS_TOOLS } from "./tools/wms.ts";

export interface FactoryServer {
  name: FactoryServerName;
  title: string;
  instructions: string;
  tools: readonly FactoryTool[];
  /**
   * How it speaks. `modern`: SDK 2, revision 2026-07-28 and the earlier ones without sessions. `session` and
   * `stateless`: SDK 1, with session ids and event streams, or one JSON answer per request. So a gateway in front of the
   * demo factory meets every kind of peer.
   */
  era: "modern" | "session" | "stateless";
}

export type FactoryServerName = keyof typeof DEFAULT_PORTS;

export const DEFAULT_PORTS = { erp: 8021, wms: 8022, qms: 8023, fertigung: 8024, tms: 8025 };

const ELSEWHERE =
  "Ids of orders, machines, materials, batches and shipments are the same in erp, wms, qms, fertigung and tms.";

export const SERVERS: readonly FactoryServer[] = [
  {
    name: "erp",
    title: "ERP: orders, customers, materials",
    instructions: `Customer orders and why they are late, customers, purchased materials. ${ELSEWHERE}`,
    tools: [...ORDER_TOOLS, ...PURCHASING_TOOLS],
    era: "modern",
  },
  {
    name: "wms",
    title: "WMS: inventory and locations",
    instructions: `Stock by item and location, shortages, stock movements. ${ELSEWHERE}`,
    tools: WMS_TOOLS,
    era: "session",
  },
  {
    name: "qms",
    title: "QMS: defects, quality, audits",
    instructions: `Defects, batches on hold, quality figures, audits. ${ELSEWHERE}`,
    tools: QMS_TOOLS,
    era: "stateless",
  },
  {
    name: "fertigung",
    title: "Production: machines, OEE, tools, maintenance",
    instructions: `Machines, OEE, production jobs, downtimes, alarms, tools, maintenance. ${ELSEWHERE}`,
    tools: [...MACHINE_TOOLS, ...MAINTENANCE_TOOLS],
    era: "modern",
  },
  {
    name: "tms",
    title: "TMS: shipments, routes, carriers",
    instructions: `Shipments to customers and from suppliers, delays, routes, carriers. ${ELSEWHERE}`,
    tools: TMS_TOOLS,
    era: "modern",
  },
];
