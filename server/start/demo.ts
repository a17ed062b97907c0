import { z } from "zod";
import { freePort } from "../postgres/ports.ts";
import type { StartContext } from "./context.ts";
import { runOnce, startPart } from "./part.ts";

const HOST = "127.0.0.1";
/** Where the servers of the demo factory like to be; they go elsewhere when others are there. */
const FACTORY_PORTS = { erp: 8021, wms: 8022, qms: 8023, fertigung: 8024, tms: 8025 };
const MODEL_PORT = 8026;
const SEED = 1;

const FactoryInfo = z.object({ servers: z.array(z.object({ name: z.string(), title: z.string(), url: z.url() })) });
const ModelInfo = z.object({ url: z.url() });

/** Starts the demo factory; returns its MCP servers. */
export async function startFactory(context: StartContext) {
  const began = performance.now();
  const chosen = Object.entries(FACTORY_PORTS).map(async ([name, port]) => [name, await freePort(port)] as const);
  const ports = Object.fromEntries(await Promise.all(chosen));
  const config = { host: HOST, ports, seed: SEED };
  const { servers } = FactoryInfo.parse(
    await startPart(context, { name: "factory", file: "server/factory/main.ts", config }),
  );
  context.terminal.done("factory", `${servers.map(({ name }) => name).join(", ")} (demo)`, began);
  return servers.map(({ name, title, url }) => ({ name, title, url }));
}

/** Starts the rule-based demo model; returns the address of its API. */
export async function startDemoModel(context: StartContext): Promise<string> {
  const began = performance.now();
  const config = { host: HOST, port: await freePort(MODEL_PORT) };
  const info = await startPart(context, { name: "model", file: "server/llm/demo-model/main.ts", config });
  const { url } = ModelInfo.parse(info);
  context.terminal.done("model", "demo model (rule-based, no AI)", began);
  return url.endsWith("/v1") ? url : `${url}/v1`;
}

const AccountsInfo = z.object({
  accounts: z.array(z.object({ email: z.string(), password: z.string(), role: z.string() })),
});
export type DemoAccount = z.infer<typeof AccountsInfo>["accounts"][number];

/** Makes sure that the demo accounts exist; returns them with their passwords. */
export async function prepareAccounts(
  context: StartContext,
  { databaseUrl, url }: { databaseUrl: string; url: string },
): Promise<DemoAccount[]> {
  const began = performance.now();
  const config = { databaseUrl, url, accountsFile: context.data.accounts };
  const info = await runOnce(context, { name: "accounts", file: "prisma/seed/demo-part.ts", config });
  const { accounts } = AccountsInfo.parse(info);
  context.terminal.done("accounts", `${accounts.length} for the demo`, began);
  return accounts;
}
