import { z } from "zod";
import { runPart } from "#server/kernel/part.ts";
import { startFactory } from "./start-factory.ts";

const Config = z.object({
  host: z.string().default("127.0.0.1"),
  ports: z.record(z.string(), z.int().min(0).max(65_535)).default({}),
  seed: z.union([z.int(), z.string()]).default(1),
});

runPart(async (config: unknown) => {
  const { servers, stop } = await startFactory(Config.parse(config ?? {}));
  return { info: { servers }, stop };
});
