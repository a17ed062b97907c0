import type { MachineGroup, Machine, Product } from "./model.ts";

/** The fixed facts of the plant: what it owns, makes, buys, and with whom it deals. */

type MachineFacts = Pick<
  Machine,
  "id" | "name" | "group" | "mtbf" | "setupMinutes" | "speed" | "scrapRate" | "toolId" | "toolName" | "toolLifeMinutes"
>;

const machine = (
  id: string,
  name: string,
  group: MachineGroup,
  [mtbf, setupMinutes, speed, scrapRate]: [number, number, number, number],
  [toolId, toolName, toolLifeMinutes]: [string, string, number],
): MachineFacts => ({ id, name, group, mtbf, setupMinutes, speed, scrapRate, toolId, toolName, toolLifeMinutes });

/** Press 2, CNC mill 3 and the paint line are the plant's weak ones: slow, often stopped, or wasteful. */
export const MACHINES: readonly MachineFacts[] = [
  machine("M-101", "Press 1", "press", [2600, 10, 0.99, 0.006], ["T-1011", "Progressive die B40", 4300]),
  machine("M-102", "Press 2", "press", [900, 22, 0.9, 0.012], ["T-1021", "Progressive die rail", 3600]),
  machine("M-201", "CNC mill 1", "mill", [2800, 12, 0.985, 0.008], ["T-2011", "Face mill 63 mm", 2700]),
  machine("M-202", "CNC mill 2", "mill", [2600, 12, 0.98, 0.009], ["T-2021", "Face mill 63 mm", 2500]),
  machine("M-203", "CNC mill 3", "mill", [800, 24, 0.91, 0.025], ["T-2031", "End mill 20 mm", 1900]),
  machine("M-204", "CNC lathe 1", "lathe", [2400, 11, 0.985, 0.01], ["T-2041", "Turning insert set", 2200]),
  machine("M-301", "Injection moulder 1", "mould", [3000, 13, 0.99, 0.008], ["T-3011", "Mould cable gland", 8600]),
  machine("M-302", "Injection moulder 2", "mould", [2600, 13, 0.985, 0.011], ["T-3021", "Mould sensor housing", 7900]),
  machine("M-401", "Laser cutter", "laser", [2500, 7, 0.98, 0.006], ["T-4011", "Cutting nozzle", 2600]),
  machine("M-501", "Welding cell", "weld", [2400, 9, 0.98, 0.01], ["T-5011", "Welding torch", 2900]),
  machine("M-601", "Paint line", "paint", [1400, 20, 0.94, 0.045], ["T-6011", "Spray nozzle set", 3100]),
  machine("M-701", "Assembly line", "assembly", [2600, 7, 0.98, 0.005], ["T-7011", "Screwdriver bits", 3900]),
];

/** What goes wrong, by kind of machine: reasons of stops and warnings that announce them. */
export const TROUBLE: Record<MachineGroup, { stops: readonly string[]; warnings: readonly string[] }> = {
  press: {
    stops: ["Die jammed", "Hydraulic pressure lost", "Strip feeder misaligned"],
    warnings: ["Hydraulic oil temperature 68 °C", "Press force drifts by 4 %"],
  },
  mill: {
    stops: ["Spindle overheated", "Tool breakage", "Axis drive fault"],
    warnings: ["Spindle vibration above 4.5 mm/s", "Coolant level low"],
  },
  lathe: {
    stops: ["Chuck does not clamp", "Bar feeder jammed", "Turret index fault"],
    warnings: ["Coolant level low", "Chuck pressure drifts"],
  },
  mould: {
    stops: ["Heater band failed", "Ejector stuck", "Nozzle blocked"],
    warnings: ["Mould temperature 6 °C above setpoint", "Cycle time drifts upwards"],
  },
  laser: {
    stops: ["Resonator fault", "Cutting head crash", "Assist gas pressure lost"],
    warnings: ["Protective glass dirty", "Chiller temperature high"],
  },
  weld: {
    stops: ["Wire feed jammed", "Robot collision", "Fixture clamp open"],
    warnings: ["Contact tip worn", "Shielding gas below 20 %"],
  },
  paint: {
    stops: ["Conveyor chain stopped", "Oven burner fault", "Powder pump blocked"],
    warnings: ["Booth filter pressure high", "Oven 8 °C below setpoint"],
  },
  assembly: {
    stops: ["Screw feeder jammed", "Light barrier fault", "Conveyor drive fault"],
    warnings: ["Torque spread rising", "Compressed air below 5.8 bar"],
  },
};

export const DEFECT_TYPES: Record<MachineGroup, readonly string[]> = {
  press: ["Burr too high", "Crack at bend"],
  mill: ["Bore out of tolerance", "Surface roughness too high"],
  lathe: ["Diameter out of tolerance", "Chatter marks"],
  mould: ["Short shot", "Flash", "Sink marks"],
  laser: ["Dross on cut edge", "Contour deviation"],
  weld: ["Porosity", "Incomplete fusion"],
  paint: ["Coating too thin", "Orange peel", "Inclusions in paint"],
  assembly: ["Torque too low", "Part missing"],
};

const need = (itemId: string, perPiece: number) => ({ itemId, perPiece });

export const PRODUCTS: readonly Product[] = [
  {
    id: "FP-100",
    name: "Bracket B40",
    priceEur: 1.9,
    perDay: 8000,
    route: [
      { group: "press", cycle: 6, needs: [need("RM-1001", 0.18)] },
      { group: "paint", cycle: 2, needs: [need("RM-3001", 0.008)] },
    ],
  },
  {
    id: "FP-110",
    name: "Seat rail",
    priceEur: 4.6,
    perDay: 3000,
    route: [
      { group: "press", cycle: 10, needs: [need("RM-1001", 0.45)] },
      { group: "weld", cycle: 4, needs: [need("RM-3002", 0.004)] },
    ],
  },
  {
    id: "FP-200",
    name: "Gearbox cover",
    priceEur: 38,
    perDay: 640,
    route: [
      { group: "mill", cycle: 95, needs: [need("RM-1002", 1)] },
      { group: "assembly", cycle: 24, needs: [need("RM-4001", 8), need("RM-4003", 1)] },
    ],
  },
  {
    id: "FP-210",
    name: "Valve block",
    priceEur: 54,
    perDay: 440,
    route: [{ group: "mill", cycle: 140, needs: [need("RM-1003", 1.6)] }],
  },
  {
    id: "FP-220",
    name: "Drive shaft",
    priceEur: 21,
    perDay: 330,
    route: [{ group: "lathe", cycle: 60, needs: [need("RM-1004", 1.2)] }],
  },
  {
    id: "FP-230",
    name: "Bearing housing",
    priceEur: 33,
    perDay: 280,
    route: [
      { group: "lathe", cycle: 70, needs: [need("RM-1005", 1)] },
      { group: "assembly", cycle: 35, needs: [need("RM-4002", 1)] },
    ],
  },
  {
    id: "FP-300",
    name: "Cable gland M20",
    priceEur: 0.42,
    perDay: 11500,
    route: [{ group: "mould", cycle: 4, needs: [need("RM-2001", 0.012)] }],
  },
  {
    id: "FP-310",
    name: "Sensor housing",
    priceEur: 3.1,
    perDay: 3300,
    route: [
      { group: "mould", cycle: 12, needs: [need("RM-2002", 0.045)] },
      { group: "assembly", cycle: 5, needs: [need("RM-4001", 2), need("RM-4003", 1)] },
    ],
  },
  {
    id: "FP-400",
    name: "Cabinet door",
    priceEur: 74,
    perDay: 290,
    route: [
      { group: "laser", cycle: 75, needs: [need("RM-1006", 4.4)] },
      { group: "weld", cycle: 60, needs: [need("RM-3002", 0.03)] },
      { group: "paint", cycle: 45, needs: [need("RM-3001", 0.19)] },
    ],
  },
  {
    id: "FP-410",
    name: "Machine frame",
    priceEur: 168,
    perDay: 140,
    route: [
      { group: "laser", cycle: 120, needs: [need("RM-1006", 9.5)] },
      { group: "weld", cycle: 105, needs: [need("RM-3002", 0.11)] },
      { group: "paint", cycle: 80, needs: [need("RM-3001", 0.36)] },
    ],
  },
];

/** Small parts for service customers, made for stock when a machine has nothing more urgent. `lot` and `perDay` in pieces. */
export const SPARE_PARTS = [
  {
    id: "SP-101",
    name: "Washer plate",
    group: "press",
    cycle: 3,
    lot: 2240,
    perDay: 13940,
    needs: [need("RM-1001", 0.03)],
  },
  {
    id: "SP-201",
    name: "Adapter flange",
    group: "mill",
    cycle: 80,
    lot: 100,
    perDay: 820,
    needs: [need("RM-1002", 0.6)],
  },
  {
    id: "SP-202",
    name: "Spacer bushing",
    group: "lathe",
    cycle: 40,
    lot: 180,
    perDay: 750,
    needs: [need("RM-1004", 0.3)],
  },
  {
    id: "SP-301",
    name: "Sealing cap 20 mm",
    group: "mould",
    cycle: 5,
    lot: 1600,
    perDay: 8500,
    needs: [need("RM-2001", 0.006)],
  },
  {
    id: "SP-401",
    name: "Mounting plate",
    group: "laser",
    cycle: 30,
    lot: 240,
    perDay: 950,
    needs: [need("RM-1006", 0.9)],
  },
  {
    id: "SP-501",
    name: "Support angle",
    group: "weld",
    cycle: 45,
    lot: 140,
    perDay: 440,
    needs: [need("RM-3002", 0.02)],
  },
  {
    id: "SP-601",
    name: "Painted cover",
    group: "paint",
    cycle: 20,
    lot: 260,
    perDay: 950,
    needs: [need("RM-3001", 0.05)],
  },
  {
    id: "SP-701",
    name: "Repair kit",
    group: "assembly",
    cycle: 20,
    lot: 240,
    perDay: 1050,
    needs: [need("RM-4001", 4)],
  },
] as const satisfies readonly { id: string; name: string; group: MachineGroup; [fact: string]: unknown }[];

export const MATERIALS = [
  { id: "RM-1001", name: "Steel coil 1.5 mm", unit: "kg", home: "RAW-A1", supplierId: "S-01" },
  { id: "RM-1002", name: "Aluminium die casting", unit: "pcs", home: "RAW-A2", supplierId: "S-02" },
  { id: "RM-1003", name: "Aluminium bar 60 mm", unit: "kg", home: "RAW-A3", supplierId: "S-02" },
  { id: "RM-1004", name: "Steel bar 40 mm", unit: "kg", home: "RAW-A4", supplierId: "S-01" },
  { id: "RM-1005", name: "Cast iron blank", unit: "pcs", home: "RAW-A5", supplierId: "S-03" },
  { id: "RM-1006", name: "Steel sheet 2 mm", unit: "kg", home: "RAW-A6", supplierId: "S-01" },
  { id: "RM-2001", name: "PA66 granulate", unit: "kg", home: "RAW-B1", supplierId: "S-04" },
  { id: "RM-2002", name: "ABS granulate", unit: "kg", home: "RAW-B2", supplierId: "S-04" },
  { id: "RM-3001", name: "Powder coat RAL 7016", unit: "kg", home: "RAW-C1", supplierId: "S-05" },
  { id: "RM-3002", name: "Welding wire 1.0 mm", unit: "kg", home: "RAW-C2", supplierId: "S-03" },
  { id: "RM-4001", name: "Screw M6 x 20", unit: "pcs", home: "RAW-D1", supplierId: "S-06" },
  { id: "RM-4002", name: "Ball bearing 6204", unit: "pcs", home: "RAW-D2", supplierId: "S-06" },
  { id: "RM-4003", name: "Gasket 60 mm", unit: "pcs", home: "RAW-D3", supplierId: "S-06" },
] as const;

export const LOCATIONS = [
  ...MATERIALS.map((material) => ({ id: material.home, name: `Store for ${material.name}`, zone: "Raw material" })),
  { id: "EXT-01", name: "External store", zone: "External" },
  { id: "FG-01", name: "Finished goods", zone: "Finished goods" },
  { id: "FG-02", name: "Spare parts", zone: "Finished goods" },
  { id: "QUA-01", name: "Quarantine", zone: "Quarantine" },
] as const;
export const EXTERNAL_STORE = "EXT-01";
export const FINISHED_GOODS = "FG-01";
export const SPARE_PARTS_STORE = "FG-02";
export const QUARANTINE = "QUA-01";

export const CUSTOMERS = [
  { id: "C-001", name: "Nordwind Automotive", city: "Bremen", country: "DE", routeId: "R-01" },
  { id: "C-002", name: "Alpen Hydraulik", city: "Innsbruck", country: "AT", routeId: "R-02" },
  { id: "C-003", name: "Delta Schaltbau", city: "Kassel", country: "DE", routeId: "R-03" },
  { id: "C-004", name: "Lyon Transmission", city: "Lyon", country: "FR", routeId: "R-04" },
  { id: "C-005", name: "Brabant Sensors", city: "Eindhoven", country: "NL", routeId: "R-05" },
  { id: "C-006", name: "Moravia Rail", city: "Brno", country: "CZ", routeId: "R-06" },
  { id: "C-007", name: "Rheintal Maschinenbau", city: "Mannheim", country: "DE", routeId: "R-03" },
  { id: "C-008", name: "Silesia Components", city: "Katowice", country: "PL", routeId: "R-06" },
] as const;

/** Delivery reliability as promised when the contract was made; the measured one comes from the shipments. */
export const SUPPLIERS = [
  { id: "S-01", name: "Ruhr Stahlhandel", city: "Duisburg", leadHours: 34, routeId: "R-11" },
  { id: "S-02", name: "Leichtmetall Sued", city: "Augsburg", leadHours: 30, routeId: "R-12" },
  { id: "S-03", name: "Giesserei Harz", city: "Goslar", leadHours: 36, routeId: "R-11" },
  { id: "S-04", name: "Polychem Antwerp", city: "Antwerp", leadHours: 32, routeId: "R-13" },
  { id: "S-05", name: "Farbwerk Main", city: "Frankfurt", leadHours: 26, routeId: "R-12" },
  { id: "S-06", name: "Norm & Lager", city: "Schweinfurt", leadHours: 24, routeId: "R-12" },
] as const;

/** `hours`: usual transit time from dock to dock. */
export const ROUTES = [
  { id: "R-01", name: "North: Hanover, Bremen", km: 420, hours: 9, carrierId: "K-01" },
  { id: "R-02", name: "South: Munich, Innsbruck", km: 510, hours: 12, carrierId: "K-02" },
  { id: "R-03", name: "Central: Kassel, Mannheim", km: 240, hours: 6, carrierId: "K-01" },
  { id: "R-04", name: "France: Metz, Lyon", km: 780, hours: 20, carrierId: "K-03" },
  { id: "R-05", name: "Benelux: Venlo, Eindhoven", km: 330, hours: 8, carrierId: "K-04" },
  { id: "R-06", name: "East: Dresden, Brno, Katowice", km: 690, hours: 18, carrierId: "K-02" },
  { id: "R-11", name: "Inbound steel", km: 310, hours: 8, carrierId: "K-04" },
  { id: "R-12", name: "Inbound south", km: 280, hours: 7, carrierId: "K-02" },
  { id: "R-13", name: "Inbound Antwerp", km: 460, hours: 11, carrierId: "K-03" },
] as const;

export const CARRIERS = [
  { id: "K-01", name: "Hansa Logistik", pricePerKmEur: 1.42 },
  { id: "K-02", name: "Alpin Trans", pricePerKmEur: 1.58 },
  { id: "K-03", name: "EuroLine Freight", pricePerKmEur: 1.31 },
  { id: "K-04", name: "Maas Express", pricePerKmEur: 1.77 },
] as const;

export const DELAY_REASONS = [
  "Truck broke down",
  "Motorway closed after an accident",
  "Missed the connection at the hub",
  "Customs papers incomplete",
  "No driver available",
] as const;

export const AUDIT_AREAS = [
  "Press shop",
  "Machining",
  "Moulding",
  "Sheet metal",
  "Paint shop",
  "Assembly",
  "Warehouse",
] as const;
export const AUDITORS = ["A. Weber", "J. Novak", "M. Rossi", "S. Lindqvist"] as const;
