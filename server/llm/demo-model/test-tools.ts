import type { WireTool } from "./protocol/request.ts";

/** Two worlds that have nothing in common, for tests: what the rules do must not depend on either. */
export interface TestTool {
  tool: WireTool;
  run: (args: Record<string, unknown>) => unknown;
}

const define = (
  name: string,
  description: string,
  properties: Record<string, unknown>,
  required: string[],
  run: TestTool["run"],
): TestTool => ({
  tool: { type: "function", function: { name, description, parameters: { type: "object", properties, required } } },
  run,
});
const text = (description = "") => ({ type: "string", description });
const number = (description = "") => ({ type: "number", description });

const OEE = [61.2, 92, 88.4, 79, 84.9, 95, 85, 90, 91, 93, 70.5, 99];
const MACHINES = OEE.map((oee, i) => ({
  machine_id: `M-${String(i + 1).padStart(2, "0")}`,
  machine: `Press ${i + 1}`,
  oee_percent: oee,
  target_percent: 85,
  downtime_minutes: i * 7,
  state: i % 5 === 3 ? "down" : "running",
}));

export const PLANT: TestTool[] = [
  define(
    "shop__list_oee",
    "Lists the OEE of all machines with target, downtime and state.",
    {
      date: { type: "string", format: "date", description: "Day, today if not given" },
      machine_id: text("One machine only, e.g. M-03"),
    },
    [],
    ({ machine_id }) => ({
      machines: MACHINES.filter((machine) => machine_id === undefined || machine.machine_id === machine_id),
    }),
  ),
  define(
    "shop__list_alarms",
    "Lists alarms.",
    { severity: { type: "string", enum: ["info", "warning", "critical"] } },
    [],
    () => ({ alarms: [] }),
  ),
  define(
    "shop__acknowledge_alarm",
    "Acknowledges an alarm.",
    { alarm_id: { type: "string", pattern: "^AL-\\d+$" } },
    ["alarm_id"],
    ({ alarm_id }) => ({ alarm_id, state: "acknowledged" }),
  ),
  define("erp__list_late_orders", "Lists orders that are late.", { customer: text() }, [], () => ({
    orders: [
      { order_id: "PO-1001", customer: "Huber", days_late: 3 },
      { order_id: "PO-1002", customer: "Maier", days_late: 1 },
    ],
  })),
  define(
    "erp__explain_delay",
    "Explains why one order is late.",
    { order_id: text("e.g. PO-1001") },
    ["order_id"],
    ({ order_id }) => ({ order_id, cause: `Spindle of ${String(order_id)} broke` }),
  ),
  define(
    "wms__list_stock",
    "Lists the stock of materials with the minimum stock.",
    { material_id: text("e.g. MAT-100") },
    [],
    () => ({
      items: [
        { material_id: "MAT-100", quantity: 40, minimum: 100 },
        { material_id: "MAT-200", quantity: 4000, minimum: 1000 },
      ],
    }),
  ),
  define(
    "wms__book_goods_issue",
    "Books a goods issue of a material.",
    { material_id: text("Material number, e.g. MAT-100"), quantity: number("Pieces") },
    ["material_id", "quantity"],
    (args) => ({ booking: "B-1", ...args }),
  ),
  define(
    "wms__scrap_everything",
    "Removes all stock of a material.",
    { material_id: text("e.g. MAT-100") },
    ["material_id"],
    () => ({ removed: true }),
  ),
];

export const LIBRARY: TestTool[] = [
  define(
    "library__search_books",
    "Search the catalogue for books by words of title or author.",
    {
      query: text("Words to look for"),
      max_pages: { type: "integer", description: "Only books with at most this many pages" },
    },
    ["query"],
    () => [
      { title: "Dune", author: "Herbert", pages: 412, rating: 4.3 },
      { title: "Emma", author: "Austen", pages: 474, rating: 4 },
      { title: "Ubik", author: "Dick", pages: 191, rating: 4.1 },
    ],
  ),
  define(
    "library__list_loans",
    "List the loans of a reader with their due dates.",
    { reader: text(), only_overdue: { type: "boolean" }, since: { type: "string", format: "date" } },
    [],
    (args) => ({ loans: [], args }),
  ),
  define(
    "weather__get_forecast",
    "Get the weather forecast of a city.",
    {
      city: text("Name of the city"),
      days: { type: "integer", minimum: 1, maximum: 14, description: "How many days ahead" },
    },
    ["city"],
    ({ city }) => ({ city, temperature_celsius: 21.5, wind_kmh: 12 }),
  ),
  define(
    "calendar__create_meeting",
    "Create a meeting in the calendar.",
    {
      date: { type: "string", format: "date" },
      room: { type: "string", enum: ["Aquarium", "Blue room"] },
      attendee: { type: "string", format: "email" },
    },
    ["date", "room"],
    (args) => ({ meeting_id: "ME-7", ...args }),
  ),
];
