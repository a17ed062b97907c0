import { runPart } from "#server/kernel/part.ts";
import { seedDemo, type DemoSeed } from "./demo.ts";

/** Seeds the demo in a child process of the launcher: configuration `DemoSeed`, info `DemoAccounts`. */
runPart<DemoSeed>(async (config) => ({ info: await seedDemo(config), stop: async () => undefined }));
