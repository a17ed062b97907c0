export { chatExecutor } from "./execute-turn.ts";
export { keepResuming } from "./keep-resuming.ts";
export type { ApiMessage, TurnInput } from "./schema.ts";
export { sendMessage } from "./send-message.ts";
export { chatSettler } from "./settle-turn.ts";
export { textForModel } from "./tool-results.ts";
export { toolsFor } from "./turn-context.ts";
