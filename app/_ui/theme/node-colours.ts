/**
 * The grounds of nodes as Node-RED's editor paints them, the same in both schemes as there, with dark text upon them: who
 * knows a node by its colour in the editor finds it again. Source: `color` of each `registerType` in @node-red/nodes.
 */
export const nodeColours = {
  inject: "#a6bbcf",
  debug: "#87a980",
  complete: "#c0edc0",
  catch: "#e49191",
  status: "#94c1d0",
  link: "#dddddd",
  comment: "#ffffff",
  function: "#fdd0a2",
  template: "#f3b567",
  logic: "#e2d96e",
  time: "#e6e0f8",
  exec: "#e9967a",
  parser: "#debd5c",
  http: "#e7e7ae",
  socket: "#d7d7a0",
  mqtt: "#d8bfd8",
  network: "#c0c0c0",
  storage: "#deb887",
  subflow: "#ddaa99",
  osfLogic: "#a3d5ce",
  osfModel: "#86c8bf",
  osfSystem: "#69b6ab",
  osfPerson: "#58a79c",
  unknown: "#ffeeee",
} as const;
export type NodeColour = keyof typeof nodeColours;

/** Text and icons upon them: at least 4.5:1 on each. */
export const nodeInk = "#262d33";
