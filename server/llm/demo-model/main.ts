import { runPart } from "#server/kernel/part.ts";
import { startDemoModel, type DemoModelOptions } from "./server.ts";

/** Process of the demo model. Config: `{host, port, tokenDelayMs?, apiKey?}`; info: `{url}`. */
runPart(async (config: Pick<DemoModelOptions, "host" | "port" | "tokenDelayMs" | "apiKey">) => {
  const model = await startDemoModel(config);
  return { info: { url: model.url }, stop: model.stop };
});
