import type { RunLimits } from "#server/engine/contract.ts";
import { codedError } from "#server/engine/isolate/errors.ts";

/** Times what one message may have. */
const MESSAGES = 10;

/**
 * Bounds what code hands to the host before it gives the processor back. Time alone does not: in a second a loop can send,
 * store or ask for more than the process has memory for. `by` starts at 0 whenever the code is entered.
 */
export function countHandedOut(by: { handedOut: number }, text: string, { messageChars }: RunLimits): void {
  const most = MESSAGES * messageChars;
  if ((by.handedOut += text.length) > most)
    throw codedError("function.too-large", `The code handed out more than ${most} characters at a stretch`);
}
