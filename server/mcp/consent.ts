import { sha256 } from "../kernel/crypto.ts";
import { AppError } from "../kernel/errors.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { UpstreamDefinition } from "./definition.ts";
import type { Caller, Json, TargetTool } from "./exchange.ts";

/** The very call that a person agrees to, or not. */
export interface ConsentCall {
  caller: Caller;
  upstream: Pick<UpstreamDefinition, "id" | "name" | "title">;
  tool: Pick<TargetTool, "name" | "title" | "class">;
  args: Json;
}

/** `<server>.<tool>`, as approvals name it. */
export const consentTool = ({ upstream, tool }: ConsentCall): string => `${upstream.name}.${tool.name}`;

/**
 * What a consent holds for: this tool of this very server with these arguments, whatever order their members are in.
 * sha-256, hexadecimal. The person and the workspace are held beside it.
 */
export const consentHash = ({ upstream, tool, args }: ConsentCall): string =>
  sha256(canonicalJson({ upstream: upstream.id, tool: tool.name, arguments: args }));

/**
 * A call within a run needs a consent that it does not have: the run's executor asks for it, suspends the run, and
 * calls again. The call has not left.
 */
export class ConsentNeeded extends AppError {
  readonly call: ConsentCall;

  constructor(call: ConsentCall) {
    super("forbidden", "approval.needed", `The tool ${consentTool(call)} needs a person's consent for each call`, {
      extra: { mayHaveRun: false },
    });
    this.call = call;
  }
}
