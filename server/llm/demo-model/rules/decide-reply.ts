import type { Reply } from "../protocol/completion.ts";
import type { ChatRequest } from "../protocol/request.ts";
import { fillArguments } from "./fill-arguments.ts";
import { codesIn } from "./fill-text.ts";
import { dataIn, readConversation, type Conversation } from "./conversation.ts";
import { throughDiscovery } from "./discovery.ts";
import { introduce, smallTalkOf, thank } from "./introduce.ts";
import type { Property } from "./json-schema.ts";
import { addCompanions, rankTools } from "./choose-tool.ts";
import { phraseResults, type Answered, type Phrased } from "./phrase-result.ts";
import { planCalls, planFollowUps, understand, type Call, type Plan } from "./plan-calls.ts";
import { readQuestion, type Question } from "./question.ts";
import { indexTools, type OfferedTool, type ToolIndex } from "./tool-index.ts";
import { languageOf, type Language } from "./words.ts";

const MAX_STEPS = 4;

/** The rules from beginning to end: what to answer to this conversation with these tools. Nothing is remembered between calls. */
export function decideReply(request: ChatRequest, now: Date): Reply {
  const discovery = throughDiscovery(request.tools ?? [], readConversation(request.messages));
  const { conversation } = discovery;
  const index = indexTools(discovery.tools);
  const question = understand(conversation.asked, index, now);
  const choice = request.tool_choice ?? "auto";
  const single = request.parallel_tool_calls === false;
  const wire = (calls: Call[]): Reply => ({
    kind: "calls",
    calls: (single ? calls.slice(0, 1) : calls).map(({ tool, args }) => discovery.wire(tool.name, args)),
  });

  if (typeof choice === "object")
    return wire(forced(index, (tool) => tool.name === choice.function.name, question, now));
  if (choice === "required") return wire(forced(index, () => true, question, now));

  const search = choice === "auto" && !smallTalkOf(conversation.last) ? discovery.search(question) : undefined;
  if (search) return { kind: "calls", calls: [search] };

  const answered = conversation.calls.map((call) => answeredOf(call, index));
  const plan = planFor(conversation, index, question, now);
  if (choice === "auto" && conversation.steps < MAX_STEPS) {
    const calls = nextCalls(plan, answered, index, question, now);
    if (calls.length > 0) return wire(calls);
  }
  const text =
    answered.length > 0 ? phraseResults(answered, question, now) : inWords(conversation, index, question, plan, now);
  return {
    kind: "text",
    text: request.response_format?.type === "json_object" ? asJson(text, answered) : text.markdown,
  };
}

function answeredOf(call: Conversation["calls"][number], index: ToolIndex): Answered {
  const tool = index.tools.find((one) => one.name === call.name);
  return { shown: tool?.shown ?? call.name.replace("__", "."), tool, args: call.args, content: call.content };
}

function planFor(conversation: Conversation, index: ToolIndex, question: Question, now: Date): Plan {
  if (smallTalkOf(conversation.last)) return { kind: "none" };
  const plan = planCalls(index, question, now);
  if (plan.kind !== "none" || !isGo(question) || !conversation.system) return plan;
  // "Go." to an agent: what there is to do is written in its system prompt.
  const duty = readQuestion(conversation.system.slice(0, 2000), now, question.language);
  const ranked = rankTools(index, { ...duty, command: undefined }, now).filter((one) => one.missing.length === 0);
  const [best] = ranked;
  if (!best || best.score < 3) return plan;
  return { kind: "call", calls: addCompanions(best, ranked, index, duty, 3).map(({ tool, args }) => ({ tool, args })) };
}

const GO =
  /^(?:run|start|go|begin|work|do|execute|check|analy[sz]e|analysis|analyse|report|review|status|summary|task|job|inspection|your|agent|los|starten?|ausfuehren|pruef\w*|bericht|analysier\w*)$/;

/** A message that only says that it is time to begin. */
const isGo = (question: Question) =>
  question.texts.length === 1 && question.ids.length === 0 && [...question.topic].every((concept) => GO.test(concept));

function nextCalls(plan: Plan, answered: Answered[], index: ToolIndex, question: Question, now: Date): Call[] {
  if (plan.kind !== "call") return [];
  const called = new Set(answered.map((one) => one.tool?.name));
  const pending = plan.calls.filter((call) => !called.has(call.tool.name));
  // A change is made once, and nothing is looked up behind it.
  if (pending.length > 0 || plan.calls.some((call) => call.tool.changes.size > 0)) return pending;
  const followed = planFollowUps(index, question, answered, now);
  if (followed.length > 0) return followed;
  return [];
}

/** A call that the caller insists on: the best match, with whatever arguments the text holds. */
function forced(index: ToolIndex, allowed: (tool: OfferedTool) => boolean, question: Question, now: Date): Call[] {
  const tools = index.tools.filter(allowed);
  const best =
    rankTools({ ...index, tools }, question, now)[0]?.tool ?? tools.find((tool) => tool.changes.size === 0) ?? tools[0];
  return best ? [{ tool: best, args: fillArguments(best, question, now).args }] : [];
}

function inWords(conversation: Conversation, index: ToolIndex, question: Question, plan: Plan, now: Date): Phrased {
  const say = (markdown: string): Phrased => ({ markdown, rows: [], failed: false });
  const language = languageOf(conversation.asked.at(-1) ?? "") ?? question.language;
  const talk = smallTalkOf(conversation.last);
  if (talk === "thanks") return say(thank(language));
  if (talk) return say(introduce(talk, index, language, now));
  if (plan.kind === "ask") return say(askFor(plan.tool, plan.missing, language));
  if (plan.kind === "unclear") return say(sayUnclear(plan.tool, plan.unplaced, language));
  const data = dataIn(conversation.last);
  if (data) {
    const source = language === "de" ? "Ihre Nachricht" : "your message";
    return phraseResults([{ shown: source, tool: undefined, args: {}, content: data }], question, now);
  }
  return say(introduce(question.command ? "unmatchedChange" : "unmatched", index, language, now));
}

function askFor(tool: OfferedTool, missing: Property[], language: Language): string {
  const list = missing.map((property) => {
    const name = property.name.replaceAll("_", " ");
    const about = property.description.replace(/\.$/, "");
    const choices = property.values.length > 0 ? `: ${property.values.slice(0, 8).join(", ")}` : "";
    const example =
      choices === "" && about === "" && property.pattern ? codesIn(property.pattern.source)[0] : undefined;
    return `- **${name}**${about ? ` – ${about}` : ""}${choices}${example ? ` (${example})` : ""}`;
  });
  const head = language === "de" ? `Für \`${tool.shown}\` fehlt mir noch:` : `To use \`${tool.shown}\` I still need:`;
  const tail = language === "de" ? "Bitte schreiben Sie es mir dazu." : "Please tell me, and I go on.";
  return [head, list.join("\n"), tail].join("\n\n");
}

/** A change is made as it was asked for, or not at all. */
function sayUnclear(tool: OfferedTool, unplaced: string[], language: Language): string {
  const what = unplaced.map((token) => `“${token}”`).join(", ");
  const takes = tool.properties.map((property) => `\`${property.name}\``).join(", ");
  return language === "de"
    ? `Ich habe nichts geändert: Für ${what} finde ich in \`${tool.shown}\` keinen Platz. Das Werkzeug nimmt ${takes}. Bitte anders formulieren.`
    : `I changed nothing: I find no place for ${what} in \`${tool.shown}\`. It takes ${takes}. Please say it differently.`;
}

function asJson(phrased: Phrased, answered: Answered[]): string {
  return JSON.stringify({
    answer: phrased.markdown,
    data: phrased.rows,
    sources: [...new Set(answered.map((one) => one.shown))],
  });
}
