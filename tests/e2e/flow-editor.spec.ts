import { flowClient } from "#tests/support/flow-client.ts";
import { debug, fn, inject, node } from "#tests/support/flow-nodes.ts";
import { expect, test } from "./product.ts";

test.setTimeout(180_000);

/** inject → MCP tool → function → decision → human input → debug, and a debug node beside that speaks at once. */
const FLOW = [
  { id: "t", type: "tab", label: "Low OEE", disabled: false, info: "", env: [] },
  inject("i", ["m"], ""),
  node(
    "m",
    "osf-mcp-fertigung",
    {
      name: "OEE",
      tool: "fertigung.list_oee",
      server: "",
      argsFrom: "form",
      args: [],
      shape: [],
      argsValue: "payload",
      argsValueType: "msg",
    },
    ["f"],
  ),
  fn(
    "f",
    "const rows = Array.isArray(msg.payload) ? msg.payload : Object.values(msg.payload).find(Array.isArray);\nmsg.payload = { machines: rows.length, text: 'looked at ' + rows.length + ' machines' };\nreturn msg;",
    ["c", "now"],
  ),
  node(
    "c",
    "osf-decision",
    {
      name: "Many?",
      mode: "rules",
      property: "payload.machines",
      propertyType: "msg",
      rules: [
        { op: "gt", value: "0", valueType: "num", label: "some" },
        { op: "else", value: "", valueType: "str", label: "none" },
      ],
      noMatch: "stop",
      question: "",
      labels: [],
      tier: "free",
      outputs: 2,
    },
    ["h"],
    [],
  ),
  node(
    "h",
    "osf-human-input",
    {
      name: "Ask",
      title: "Call maintenance?",
      question: "Shall we call maintenance?",
      detail: "payload",
      detailType: "msg",
      options: [
        { value: "approve", label: "Approve", style: "primary" },
        { value: "reject", label: "Reject", style: "danger" },
      ],
      form: [],
      expiry: "",
      expiryUnit: "hours",
      defaultOption: "",
      approvers: "",
      required: "1",
      notByStarter: false,
      outputs: 2,
    },
    ["d"],
    [],
  ),
  debug("d"),
  { ...debug("now"), name: "at once", complete: "payload" },
];

test("a person builds a flow in the editor, deploys it, runs it on the engine, approves, and sees it completed", async ({
  page,
  product,
  signIn,
}) => {
  await signIn("admin");
  await page.goto("/editor");
  const editor = page.frameLocator("iframe");
  await expect(editor.locator("#red-ui-workspace")).toBeVisible({ timeout: 60_000 });
  await expect(editor.locator(".red-ui-palette-node[data-palette-type='osf-mcp-fertigung']")).toBeAttached();

  // import as a person does: the dialog, the text, the button
  await editor.locator("#red-ui-workspace-chart").click({ position: { x: 400, y: 400 } });
  await page.keyboard.press("Control+i");
  await editor.locator("#red-ui-clipboard-dialog-import-text").fill(JSON.stringify(FLOW));
  await editor.locator("#red-ui-clipboard-dialog-import-text").press("End"); // the dialog looks at keys only
  await editor.locator("#red-ui-clipboard-dialog-ok").click();
  await expect(editor.locator(".red-ui-tab-label", { hasText: "Low OEE" })).toBeVisible();
  await editor.locator(".red-ui-tab-label", { hasText: "Low OEE" }).click();

  await editor.locator("#red-ui-header-button-deploy").click();
  await expect(editor.locator("#red-ui-header-button-deploy")).toHaveClass(/disabled/, { timeout: 20_000 });
  // The button of the inject node; its label lies above it. Node-RED takes no click while flows start again.
  await expect(async () => {
    await editor.locator(".red-ui-flow-node-button-button").first().click({ force: true });
    await expect(editor.locator(".red-ui-debug-msg").first()).toContainText(/looked at \d+ machines/, {
      timeout: 3_000,
    });
  }).toPass({ timeout: 30_000 });

  // in the pod it asks as well: answered by a program, so that the inbox holds the engine's question alone
  type Open = { items: { id: string; runId: string | null }[] };
  const flows = flowClient(product);
  const open = async () => (await flows.ask<Open>("GET", "/api/approvals")).items;
  await expect.poll(async () => (await open()).length).toBeGreaterThan(0);
  for (const { id } of await open()) await flows.ask("POST", `/api/approvals/${id}/respond`, { decision: "reject" });

  // the flow's page, and a run on the engine
  await page.goto("/flows");
  await page.getByRole("link", { name: "Low OEE" }).first().click();
  await page.waitForURL(/\/flows\/flow_/);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.waitForURL(/\/runs\/run_/);
  await expect(page.getByText(/Waiting/i).first()).toBeVisible({ timeout: 30_000 });
  const run = page.url();

  await page.goto("/inbox");
  await expect(page.getByText("Shall we call maintenance?").first()).toBeVisible();
  const answered = page.waitForResponse((response) => response.url().includes("approvals.respond"));
  await page.getByRole("button", { name: "Approve" }).first().click();
  expect((await answered).status()).toBe(200);
  await page.goto(run);
  await expect(page.getByText("Completed").first()).toBeVisible({ timeout: 30_000 });
});
