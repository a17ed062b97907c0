import type { NodeDef } from "#server/engine/contract.ts";

/**
 * What the demo's engineer has built: four flows that work on the demo factory, each with a few of the OSF nodes. Without
 * places: the import lays them out.
 */
type Wires = string[][];

const node = (z: string, id: string, type: string, name: string, properties: object, ...wires: Wires): NodeDef => ({
  id: `${z}-${id}`,
  type,
  z,
  name,
  ...properties,
  wires: wires.map((port) => port.map((target) => `${z}-${target}`)),
});

/** A tab, and how to put nodes onto it. */
function flow(id: string, label: string, info: string) {
  const tab: NodeDef = { id, type: "tab", label, disabled: false, info, env: [] };
  const on =
    (type: string) =>
    (nodeId: string, name: string, properties: object, ...wires: Wires): NodeDef =>
      node(id, nodeId, type, name, properties, ...wires);
  return {
    tab,
    inject: (nodeId: string, name: string, ...to: string[]) =>
      on("inject")(
        nodeId,
        name,
        {
          props: [{ p: "payload" }],
          repeat: "",
          crontab: "",
          once: false,
          onceDelay: 0.1,
          topic: "",
          payload: "",
          payloadType: "date",
        },
        to,
      ),
    /** `args`: name → [value, type of the typed input]. */
    tool: (nodeId: string, name: string, tool: string, args: Record<string, [string, string]>, ...to: string[]) =>
      on(`osf-mcp-${tool.split(".")[0]}`)(
        nodeId,
        name,
        {
          tool,
          server: "",
          argsFrom: "form",
          args: Object.entries(args).map(([arg, [value, type]]) => ({ name: arg, value, type })),
          shape: [],
          argsValue: "payload",
          argsValueType: "msg",
        },
        to,
      ),
    /** JavaScript. */
    code: (nodeId: string, name: string, func: string, ...wires: Wires) =>
      on("function")(
        nodeId,
        name,
        { func, outputs: wires.length, timeout: 0, noerr: 0, initialize: "", finalize: "", libs: [] },
        ...wires,
      ),
    /** Whether there is anything: nothing goes to the first output, something to the second. */
    any: (nodeId: string, name: string, property: string, nothing: string[], something: string[]) =>
      on("osf-decision")(
        nodeId,
        name,
        {
          mode: "rules",
          property,
          propertyType: "msg",
          rules: [
            { op: "empty", value: "", valueType: "str", label: "nothing" },
            { op: "else", value: "", valueType: "str", label: "something" },
          ],
          noMatch: "stop",
          question: "",
          labels: [],
          tier: "free",
          outputs: 2,
        },
        nothing,
        something,
      ),
    template: (nodeId: string, name: string, template: string, ...to: string[]) =>
      on("osf-prompt-tpl")(nodeId, name, { template }, to),
    agent: (nodeId: string, name: string, instructions: string, tools: string, ...to: string[]) =>
      on("osf-agent")(
        nodeId,
        name,
        {
          kind: "own",
          agent: "",
          instructions,
          tools,
          input: "payload",
          inputType: "msg",
          passContext: false,
          contextValue: "context",
          contextValueType: "msg",
          iterations: "4",
          tier: "free",
        },
        to,
      ),
    ask: (
      nodeId: string,
      name: string,
      question: { title: string; question: string; options: object[]; form: object[]; defaultOption: string },
      ...wires: Wires
    ) =>
      on("osf-human-input")(
        nodeId,
        name,
        {
          detail: "payload",
          detailType: "msg",
          expiry: "8",
          expiryUnit: "hours",
          approvers: "",
          required: "1",
          notByStarter: false,
          outputs: wires.length,
          ...question,
        },
        ...wires,
      ),
    debug: (nodeId: string, name: string) =>
      on("debug")(nodeId, name, {
        active: true,
        tosidebar: true,
        console: false,
        tostatus: false,
        complete: "payload",
        targetType: "msg",
        statusVal: "",
        statusType: "auto",
      }),
    httpIn: (nodeId: string, name: string, method: string, url: string, ...to: string[]) =>
      on("http in")(nodeId, name, { method, url, upload: false, swaggerDoc: "" }, to),
    httpResponse: (nodeId: string, name: string) => on("http response")(nodeId, name, { statusCode: "", headers: {} }),
  };
}

const field = (name: string, label: string, type: string, more: object = {}) => ({
  name,
  label,
  type,
  options: "",
  default: "",
  required: false,
  ...more,
});

function oeeAlarm(): NodeDef[] {
  const { tab, inject, tool, any, code, template, debug, httpIn, httpResponse } = flow(
    "demo-oee",
    "OEE alarm",
    "Which machines are below 85 % OEE today, and what is wrong with the worst one? The same question is answered over HTTP: `GET /flows/http/oee?below=85`.",
  );
  return [
    tab,
    inject("now", "Look now", "oee"),
    tool("oee", "Machines below 85 %", "fertigung.list_oee", { below: ["85", "num"] }, "any"),
    any("any", "Any of them?", "payload.rows", ["well"], ["worst"]),
    template("well", "All is well", "No machine is below 85 % OEE.", "result"),
    code(
      "worst",
      "The worst of them",
      "const [worst] = msg.payload.rows;\nmsg.oee = msg.payload.rows;\nmsg.payload = worst;\nreturn msg;",
      ["down"],
    ),
    tool(
      "down",
      "What stopped it",
      "fertigung.list_downtimes",
      { machine_id: ["payload.machine_id", "msg"], days: ["1", "num"] },
      "alarm",
    ),
    code(
      "alarm",
      "Alarm in words",
      "const [worst] = msg.oee;\nconst stops = msg.payload.rows.map((stop) => `${stop.reason} (${stop.down_hours} h)`);\nmsg.payload = `${worst.machine}: OEE ${worst.oee_percent} %, ${msg.oee.length} machine(s) below target. ` +\n  (stops.length ? `Stops today: ${stops.join(', ')}.` : 'No stops today: look at speed and scrap.');\nreturn msg;",
      ["result"],
    ),
    debug("result", "Alarm"),
    httpIn("get", "Ask by HTTP", "get", "/oee", "limit"),
    code("limit", "Limit of the request", "msg.below = Number(msg.payload.below) || 85;\nreturn msg;", ["figures"]),
    tool("figures", "OEE below the limit", "fertigung.list_oee", { below: ["below", "msg"] }, "answer"),
    httpResponse("answer", "Answer"),
  ];
}

function lateOrder(): NodeDef[] {
  const { tab, inject, tool, any, code, template, agent, debug } = flow(
    "demo-late",
    "Late order explanation",
    "Takes the order that is latest and lets an agent find out why, with the tools of the ERP.",
  );
  return [
    tab,
    inject("now", "Explain the latest", "risk"),
    tool("risk", "Orders at risk", "erp.list_orders_at_risk", {}, "any"),
    any("any", "Any of them?", "payload.rows", ["intime"], ["latest"]),
    template("intime", "All in time", "No order is late or at risk.", "result"),
    code(
      "latest",
      "The latest",
      "const rows = [...msg.payload.rows].sort((a, b) => b.days_late - a.days_late);\nmsg.order = rows[0];\nmsg.payload = `Why is order ${msg.order.order_id} late?`;\nreturn msg;",
      ["why"],
    ),
    agent(
      "why",
      "Find out why",
      "You explain to people on the shop floor why an order is late. Use the tools, name the causes with the hours they cost, and be brief.",
      "erp.explain_order",
      "words",
    ),
    template("words", "With customer and date", "${order.customer}, due ${order.due_at}:\n${input}", "result"),
    debug("result", "Explanation"),
  ];
}

function qualityHold(): NodeDef[] {
  const { tab, inject, tool, any, code, template, ask, debug } = flow(
    "demo-hold",
    "Quality hold with approval",
    "Looks for the batch in inspection or released that has the gravest open defect, else for one to check at random, and asks somebody whether to hold it. Holding a batch changes something in the plant: the run has to be started by an operator.",
  );
  return [
    tab,
    inject("now", "Check now", "batches"),
    tool("batches", "Batches in the plant", "qms.list_batches", {}, "free"),
    code(
      "free",
      "Those that can be held",
      "msg.batches = msg.payload.rows.filter(({ status }) => status === 'inspection' || status === 'released');\nreturn msg;",
      ["defects"],
    ),
    tool("defects", "Open defects", "qms.list_defects", {}, "gravest"),
    code(
      "gravest",
      "The one to look at",
      "const grave = { critical: 3, major: 2, minor: 1 };\nconst defects = [...msg.payload.rows].sort((a, b) => grave[b.severity] - grave[a.severity] || b.quantity_pcs - a.quantity_pcs);\nconst free = new Map(msg.batches.map((batch) => [batch.batch_id, batch]));\nconst defect = defects.find(({ batch_id, holds_batch }) => !holds_batch && free.has(batch_id));\nconst batch = defect ? free.get(defect.batch_id) : msg.batches[0];\nmsg.payload = batch && {\n  ...batch,\n  affected_pcs: defect?.quantity_pcs ?? 1,\n  why: defect ? `${defect.quantity_pcs} pieces have a ${defect.severity} defect: ${defect.type}.` : 'It has not been checked at random yet.',\n};\nreturn msg;",
      ["any"],
    ),
    any("any", "Any of them?", "payload", ["none"], ["ask"]),
    template("none", "Nothing to hold", "No batch is in inspection or released.", "result"),
    ask(
      "ask",
      "Hold the batch?",
      {
        title: "Hold batch {{payload.batch_id}}?",
        question:
          "{{payload.why}} Shall batch {{payload.batch_id}} of {{payload.product}} ({{payload.quantity_pcs}} pieces) be held until somebody has looked at it?",
        options: [
          { value: "hold", label: "Hold it", style: "danger" },
          { value: "leave", label: "Leave it", style: "default" },
        ],
        form: [field("reason", "Reason", "text", { default: "Defect to be reviewed", required: true })],
        defaultOption: "leave",
      },
      ["hold"],
      ["left"],
    ),
    tool(
      "hold",
      "Hold it",
      "qms.hold_batch",
      {
        batch_id: ["payload.batch_id", "msg"],
        reason: ["form.reason", "msg"],
        quantity: ["payload.affected_pcs", "msg"],
      },
      "held",
    ),
    code("held", "In words", "msg.payload = msg.payload.summary ?? msg.tool.text;\nreturn msg;", ["result"]),
    template("left", "Left as it is", "Batch ${payload.batch_id} is left as it is: ${form.reason}", "result"),
    debug("result", "Result"),
  ];
}

function maintenanceTicket(): NodeDef[] {
  const { tab, inject, tool, any, code, template, ask, debug } = flow(
    "demo-ticket",
    "Maintenance ticket",
    "Finds the tool that is worn most and, when somebody agrees, orders its change. A ticket changes something in the plant: the run has to be started by an operator.",
  );
  return [
    tab,
    inject("now", "Check now", "wear"),
    tool("wear", "Worn tools", "fertigung.list_tools", { worn_above: ["50", "num"] }, "most"),
    code(
      "most",
      "The most worn",
      "msg.payload = [...msg.payload.rows].sort((a, b) => b.wear_percent - a.wear_percent)[0] ?? null;\nreturn msg;",
      ["any"],
    ),
    any("any", "Any of them?", "payload", ["none"], ["ask"]),
    template("none", "Nothing to do", "No tool is worn more than 50 %.", "result"),
    ask(
      "ask",
      "Order the change?",
      {
        title: "Tool change on {{payload.machine}}",
        question:
          "{{payload.tool}} on {{payload.machine}} is worn {{payload.wear_percent}} %; {{payload.hours_left}} h are left. Shall a tool change be ordered?",
        options: [
          { value: "order", label: "Order it", style: "primary" },
          { value: "wait", label: "Not yet", style: "default" },
        ],
        form: [
          field("priority", "Priority", "select", { options: "low, normal, high", default: "normal", required: true }),
        ],
        defaultOption: "wait",
      },
      ["order"],
      ["waits"],
    ),
    tool(
      "order",
      "Order it",
      "fertigung.create_maintenance_ticket",
      {
        machine_id: ["payload.machine_id", "msg"],
        kind: ["tool_change", "str"],
        title: ['"Change " & payload.tool & ", worn " & $string(payload.wear_percent) & " %"', "jsonata"],
        priority: ["form.priority", "msg"],
      },
      "ordered",
    ),
    code("ordered", "In words", "msg.payload = msg.payload.summary ?? msg.tool.text;\nreturn msg;", ["result"]),
    template("waits", "Not yet", "${payload.tool} on ${payload.machine} stays for now.", "result"),
    debug("result", "Result"),
  ];
}

export const DEMO_FLOWS: readonly (() => NodeDef[])[] = [oeeAlarm, lateOrder, qualityHold, maintenanceTicket];
