import { authScenario } from "./client/auth.ts";
import { scenarios } from "./client/scenarios.ts";

/**
 * The gateway as a client of the official suite's scenario servers: `conformance client --command "node
 * tests/conformance/client.ts [DATABASE_URL]"`. The suite gives the server's address as the last argument, the scenario
 * and what it wants done by environment. The scenarios of authorization need a migrated database.
 */
const url = process.argv.at(-1) ?? "";
const databaseUrl = process.argv.slice(2, -1).at(0);
const name = process.env["MCP_CONFORMANCE_SCENARIO"] ?? "";
const context = JSON.parse(process.env["MCP_CONFORMANCE_CONTEXT"] ?? "{}") as Record<string, unknown>; // the suite's own
const scenario = name.startsWith("auth/") && databaseUrl ? authScenario(name, databaseUrl) : scenarios[name];
if (!scenario) throw new Error(`There is no program for the scenario ${name}`);
await scenario({ url, context });
