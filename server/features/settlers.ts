import { chatSettler } from "./chat/index.ts";
import type { RunSettler } from "./runs/index.ts";

/** What each kind of run does in the transaction that ends it. */
export const settlers: readonly RunSettler[] = [chatSettler];
