import type { CatalogueEntry } from "./entry.ts";

const server = (id: string, port: number, title: string, description: string, tags: string[]): CatalogueEntry => ({
  id,
  title,
  description,
  publisher: "OSF Gateway",
  tags: ["demo", "factory", ...tags],
  url: "{url}",
  transport: { kind: "http" },
  auth: { kind: "none" },
  config: {
    properties: {
      url: {
        type: "string",
        title: "Address",
        description: "Where the demo factory listens; it starts with the product in demo mode, or with OSF_DEMO=1",
        format: "uri",
        default: `http://127.0.0.1:${port}/mcp`,
      },
    },
    required: ["url"],
  },
  secrets: [],
  activate: "owner",
});

/** The plant that does not exist: five servers over one consistent set of data. */
export const FACTORY_SERVERS: CatalogueEntry[] = [
  server("erp", 8021, "ERP (demo factory)", "Orders, customers and materials of the demo factory", ["erp", "orders"]),
  server("wms", 8022, "WMS (demo factory)", "Inventory, stock movements and storage locations of the demo factory", [
    "wms",
    "warehouse",
  ]),
  server("qms", 8023, "QMS (demo factory)", "Defects, quality figures and audits of the demo factory", [
    "qms",
    "quality",
  ]),
  server("fertigung", 8024, "Production (demo factory)", "Machines, OEE and tools of the demo factory", [
    "mes",
    "oee",
    "machines",
  ]),
  server("tms", 8025, "TMS (demo factory)", "Shipments, routes and carriers of the demo factory", ["tms", "logistics"]),
];
