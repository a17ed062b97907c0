export { chatExecutor } from "./execute-turn.ts";
export { chatSettler } from "./settle-turn.ts";
export { sendMessage, retryTurn } from "./send-message.ts";
export type { ApiMessage, TurnInput } from "./schema.ts";
export { listSessions } from "./sessions.ts";
