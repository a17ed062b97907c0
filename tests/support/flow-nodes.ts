/** Nodes of Node-RED's flow JSON, as tests put flows together. */
export interface TestNode {
  id: string;
  type: string;
  [property: string]: unknown;
}

let places = 0;
/** A node on the tab `t` at a place of its own. */
export const node = (id: string, type: string, properties: object = {}, ...wires: string[][]): TestNode => ({
  id,
  type,
  name: id,
  z: "t",
  x: 120 + (places++ % 8) * 160,
  y: 80 + Math.floor(places / 8) * 60,
  wires,
  ...properties,
});
export const inject = (id: string, wires: string[], payload: unknown = 1): TestNode =>
  node(
    id,
    "inject",
    {
      props: [{ p: "payload", v: JSON.stringify(payload), vt: "json" }],
      repeat: "",
      crontab: "",
      once: false,
      topic: "",
    },
    wires,
  );
export const fn = (id: string, func: string, ...wires: string[][]): TestNode =>
  node(id, "function", { func, outputs: Math.max(1, wires.length), libs: [] }, ...wires);
export const debug = (id = "out"): TestNode =>
  node(id, "debug", { active: true, tosidebar: true, complete: "payload", targetType: "msg" });
export const delay = (id: string, ms: number, ...wires: string[][]): TestNode =>
  node(
    id,
    "delay",
    {
      pauseType: "delay",
      timeout: String(ms),
      timeoutUnits: "milliseconds",
      rate: "1",
      nbRateUnits: "1",
      rateUnits: "second",
      randomFirst: "1",
      randomLast: "5",
      randomUnits: "seconds",
      drop: false,
      outputs: 1,
    },
    ...wires,
  );
export const post = (id: string, url: string, ...wires: string[][]): TestNode =>
  node(
    id,
    "http request",
    {
      method: "POST",
      ret: "obj",
      paytoqs: "ignore",
      url,
      tls: "",
      persist: false,
      proxy: "",
      authType: "",
      senderr: true,
      headers: [],
    },
    ...wires,
  );
