import type { WireTool } from "../protocol/request.ts";
import { changeVerb, isLookVerb } from "./lexicon.ts";
import { propertiesOf, type Property } from "./json-schema.ts";
import { conceptsOf, identifierWords, wordsOf } from "./words.ts";

/** An offered tool as the rules see it. */
export interface OfferedTool {
  /** As on the wire: `<server>__<tool>`. */
  name: string;
  /** As people know it: `<server>.<tool>`. */
  shown: string;
  /** The tool's name without its server, in words. */
  title: string;
  description: string;
  properties: Property[];
  /** The verbs by which it changes something, none for a tool that only reads. */
  changes: Set<string>;
  /** Concept → how strongly the tool stands for it: its name most, a parameter's description least. */
  weights: Map<string, number>;
  /** Concepts of its own name. */
  named: Set<string>;
}

export interface ToolIndex {
  tools: OfferedTool[];
  /** How much a concept tells tools apart. */
  rarity(concept: string): number;
  known(concept: string): boolean;
}

export function indexTools(offered: WireTool[]): ToolIndex {
  const tools = offered.map(readTool);
  // A word that many tools merely mention in passing still tells apart those that are about it.
  const spread = new Map<string, number>();
  for (const tool of tools)
    for (const [concept, weight] of tool.weights)
      spread.set(concept, (spread.get(concept) ?? 0) + Math.min(1, weight / 1.6));
  return {
    tools,
    known: (concept) => spread.has(concept),
    rarity: (concept) => Math.log(1 + tools.length / (spread.get(concept) ?? 0.5)),
  };
}

function readTool({ function: { name, description = "", parameters } }: WireTool): OfferedTool {
  const cut = name.indexOf("__");
  const server = cut > 0 ? name.slice(0, cut) : "";
  const own = cut > 0 ? name.slice(cut + 2) : name;
  const words = identifierWords(own);
  const properties = propertiesOf(parameters);
  const weights = new Map<string, number>();
  const add = (text: ReturnType<typeof wordsOf>, weight: number) => {
    for (const concept of conceptsOf(text)) weights.set(concept, Math.max(weights.get(concept) ?? 0, weight));
  };
  const [summary = "", ...rest] = description.split(/(?<=[.!?])\s+|\n/);
  add(words, 3);
  add(wordsOf(summary), 1.6);
  add(wordsOf(rest.join(" ")), 0.8);
  add(identifierWords(server), 1);
  for (const property of properties) {
    add(identifierWords(property.name), 1);
    add(wordsOf(property.values.filter((value) => typeof value === "string").join(" ")), 1.2);
    add(wordsOf(property.description), 0.5);
  }
  const verbs = [words[0]?.folded ?? "", wordsOf(description)[0]?.folded ?? ""];
  const verb = verbs.find((word) => isLookVerb(word) || changeVerb(word));
  return {
    name,
    shown: cut > 0 ? `${server}.${own}` : name,
    title: words.map((word) => word.raw).join(" "),
    description,
    properties,
    changes: new Set(
      verb === undefined || isLookVerb(verb) ? [] : verbs.map(changeVerb).filter((each) => each !== undefined),
    ),
    weights,
    named: conceptsOf(words.filter((word) => !isLookVerb(word.folded))),
  };
}
