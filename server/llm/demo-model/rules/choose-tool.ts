import { changeVerb } from "./lexicon.ts";
import type { Question } from "./question.ts";
import { fillArguments, type Filled } from "./fill-arguments.ts";
import type { OfferedTool, ToolIndex } from "./tool-index.ts";

export interface Candidate extends Filled {
  tool: OfferedTool;
  score: number;
  /** Topic concepts of the question that the tool stands for. */
  covered: Set<string>;
  /** Share of the question's topic, weighed by rarity, that the tool stands for: 0 to 1. */
  coverage: number;
}

const MATCH = 0.28;
const STRONG = 1.5;
const UNKNOWN = 0.35;
const SUBJECT = 3;
const NAMED_ID = 5;

/** Offered tools that match the question's words, best first; those that would change something only on command. */
export function rankTools(index: ToolIndex, question: Question, now: Date): Candidate[] {
  const ranked = index.tools.map((tool) => rate(tool, index, question, now)).filter((one) => one.score > 0);
  return ranked.toSorted((a, b) => b.score - a.score);
}

/** Whether the match is good enough to act on. */
export const matches = (candidate: Candidate | undefined): candidate is Candidate =>
  candidate !== undefined && candidate.coverage >= MATCH;

function rate(tool: OfferedTool, index: ToolIndex, question: Question, now: Date): Candidate {
  const { command } = question;
  const changes = tool.changes.size > 0;
  const commanded = changes && command !== undefined && tool.changes.has(command.verb);
  const none: Candidate = {
    tool,
    score: 0,
    covered: new Set(),
    coverage: 0,
    args: {},
    missing: [],
    used: new Set(),
    unplaced: [],
  };
  // Looking for arguments is the dear part: only where a word or an id could speak for the tool.
  const touched = question.ids.length > 0 || question.topic.values().some((concept) => tool.weights.has(concept));
  if (changes ? !commanded : !touched) return none;
  const filled = fillArguments(tool, question, now);
  const candidate: Candidate = { ...none, ...filled };

  let total = 0;
  let hit = 0;
  for (const concept of question.topic) {
    const rarity = index.rarity(concept);
    const weight = tool.weights.get(concept) ?? 0;
    // The verb of a command is no topic: it has already decided which tools come into question.
    if (commanded && weight === 0 && changeVerb(concept) === command?.verb) continue;
    // A word that no tool knows may be a name ("ABS granulate"): it weighs against a match, but less.
    total += index.known(concept) ? rarity : rarity * UNKNOWN;
    if (weight === 0) continue;
    candidate.covered.add(concept);
    candidate.score += rarity * weight;
    hit += rarity * Math.min(1, weight / STRONG);
  }
  const named = question.ids.filter((id) => filled.used.has(id)).length;
  if (named > 0 && (candidate.score > 0 || commanded || question.topic.size === 0)) {
    candidate.score += NAMED_ID * named;
    hit += 1.5 * named;
    total += 1.5 * named;
  }
  if (candidate.score === 0) return candidate;
  candidate.coverage = total > 0 ? hit / total : 0;
  for (const concept of tool.named) if (!question.topic.has(concept)) candidate.score -= 0.2 * index.rarity(concept);
  if (question.subject !== undefined && tool.named.has(question.subject)) candidate.score += SUBJECT;
  // Arguments that the question does not hold speak for another tool; ones that it does hold speak for this.
  candidate.score += 0.6 * Object.keys(filled.args).length;
  if (filled.missing.length > 0 && !commanded) candidate.score *= 0.4;
  if (commanded) candidate.score += 6;
  candidate.score = Math.max(candidate.score, 0.01);
  return candidate;
}

/** Further reading tools for what the best leaves open ("… and why?"), each adding a word of the question. */
export function addCompanions(
  best: Candidate,
  ranked: Candidate[],
  index: ToolIndex,
  question: Question,
  limit: number,
): Candidate[] {
  const chosen = [best];
  const covered = new Set(best.covered);
  for (const other of ranked) {
    if (chosen.length >= limit) break;
    if (chosen.includes(other) || other.tool.changes.size > 0 || other.missing.length > 0) continue;
    // Who asks about one thing by its id is not told about all others.
    if (best.used.size > 0 && other.used.size === 0) continue;
    const added = [...other.covered].filter((concept) => !covered.has(concept) && question.topic.has(concept));
    const gain = added.reduce(
      (sum, concept) => sum + index.rarity(concept) * Math.min(1, (other.tool.weights.get(concept) ?? 0) / STRONG),
      0,
    );
    if (
      gain < 0.7 ||
      other.score < best.score * 0.3 ||
      !added.some((concept) => (other.tool.weights.get(concept) ?? 0) >= STRONG)
    )
      continue;
    chosen.push(other);
    for (const concept of added) covered.add(concept);
  }
  return chosen;
}
