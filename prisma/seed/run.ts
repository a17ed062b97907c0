import { mkdir } from "node:fs/promises";
import path from "node:path";
import { EnvironmentError, readEnvironment } from "#server/kernel/env.ts";
import { seedDemo } from "./demo.ts";

interface Scenario {
  about: string;
  /** Answers what to tell. */
  run(target: { databaseUrl: string; dataDir: string; url: string }): Promise<string>;
}

const SCENARIOS: Record<string, Scenario> = {
  demo: {
    about: 'the people of the demo (Ana, Ben, Olga), their workspace "Demo plant" and its flows',
    async run({ databaseUrl, dataDir, url }) {
      const accountsFile = path.join(dataDir, "demo-accounts.json");
      const { accounts } = await seedDemo({ databaseUrl, accountsFile, url });
      return `${accounts.map(({ email, role }) => `${email} (${role})`).join(", ")}; passwords in ${accountsFile}`;
    },
  },
};

/** `npm run seed [scenario]`, on the database of DATABASE_URL. Answers the exit code. */
async function main([name = "demo"]: string[]): Promise<number> {
  const scenario = Object.hasOwn(SCENARIOS, name) ? SCENARIOS[name] : undefined;
  if (!scenario) {
    const known = Object.entries(SCENARIOS).map(([key, { about }]) => `  ${key}: ${about}`);
    console.error(`There is no scenario "${name}". There are:\n${known.join("\n")}`);
    return 2;
  }
  const env = readEnvironment();
  if (!env.DATABASE_URL) {
    console.error("Set DATABASE_URL to the database to seed. `npm start` without it seeds its own by itself.");
    return 2;
  }
  await mkdir(env.OSF_DATA_DIR, { recursive: true, mode: 0o700 });
  const url = env.FRONTEND_URL ?? `http://localhost:${env.PORT}`;
  console.log(await scenario.run({ databaseUrl: env.DATABASE_URL, dataDir: env.OSF_DATA_DIR, url }));
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof EnvironmentError ? error.problems.join("\n") : error);
  process.exitCode = 1;
}
