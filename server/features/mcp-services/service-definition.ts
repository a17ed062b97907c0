import type { Actor } from "../../kernel/actor.ts";
import type { Deps } from "../deps.ts";
import type { ServiceDefinition, ServiceRef } from "./schema.ts";

/** What a service offers the caller. Throws `missing`, and what keeps it from answering (`tool.unreachable` …). */
export async function serviceDefinition(
  { tools }: Pick<Deps, "tools">,
  actor: Actor,
  { name }: ServiceRef,
): Promise<ServiceDefinition> {
  const offer = await tools.offer(actor, name);
  const { definition, protocol, serverInfo, instructions } = offer;
  return {
    name: definition.name,
    title: definition.title,
    ...(serverInfo.version !== undefined && { version: serverInfo.version }),
    protocol,
    transport: definition.transport.kind,
    ...(instructions !== undefined && { description: instructions }),
    operations: offer.tools.map((tool) => ({
      name: tool.listed.name,
      title: tool.title,
      description: tool.description,
      inputSchema: tool.inputSchema,
      ...(tool.outputSchema && { outputSchema: tool.outputSchema }),
      class: tool.class,
      idempotent: tool.repeatable,
      consent: tool.consent,
    })),
  };
}
