import type { z } from "zod";
import type { Actor } from "../../kernel/actor.ts";
import type { Json } from "../../mcp/exchange.ts";
import type { Deps } from "../deps.ts";
import { findUpstream } from "./find-upstream.ts";
import { OfferedPrompt, OfferedResource, OfferedTemplate, type UpstreamOffer, type UpstreamRef } from "./schema.ts";

/**
 * What a server offers besides its tools, to whoever asks. Throws `missing` (`upstream.missing`), and what keeps it from
 * answering (`tool.unreachable`, `upstream.auth` …).
 */
export async function upstreamOffer(
  { tools }: Pick<Deps, "tools">,
  actor: Actor,
  ref: UpstreamRef,
): Promise<UpstreamOffer> {
  const { name } = await findUpstream({ tools }, actor, ref);
  const { instructions, resources, templates, prompts } = await tools.offer(actor, name);
  return {
    ...(instructions ? { instructions } : {}),
    resources: known(OfferedResource, resources),
    templates: known(OfferedTemplate, templates),
    prompts: known(OfferedPrompt, prompts),
  };
}

/** Those that are what the protocol says; an odd one does not hide the others. */
const known = <T extends z.ZodType>(shape: T, listed: readonly Json[]): z.output<T>[] =>
  listed.flatMap((one) => {
    const read = shape.safeParse(one);
    return read.success ? [read.data] : [];
  });
