import { fold } from "./lexicon.ts";
import { readQuestion } from "./question.ts";
import { matches, rankTools } from "./choose-tool.ts";
import type { OfferedTool, ToolIndex } from "./tool-index.ts";
import type { Language } from "./words.ts";

type SmallTalk = "greeting" | "thanks" | "about";

export function smallTalkOf(text: string): SmallTalk | undefined {
  if (text.length > 160) return undefined;
  const folded = fold(text)
    .replace(/[^\p{L}\p{N}\s']/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  if (
    /^(?:(?:hi|hello|hey|hallo|moin|servus|gruess gott|guten (?:tag|morgen|abend)|good (?:morning|afternoon|evening)|there|zusammen|osf) ?){1,3}$/.test(
      folded,
    )
  )
    return "greeting";
  if (
    /^(?:(?:thanks|thank you|thx|danke|vielen dank|dankeschoen|super|great|ok|okay|perfect|perfekt|very much|so much|sehr) ?){1,4}$/.test(
      folded,
    )
  )
    return "thanks";
  if (
    /^(?:help|hilfe|help me|hilf mir|\?)$|\b(?:who|what) are you\b|\bwhat can (?:you|i)\b.*\b(?:do|ask)\b|\bare you (?:an? )?(?:ai|gpt|chatgpt|llm|real|human|model)\b|\bwer bist du\b|\bwas bist du\b|\bwas kannst du\b|\bwas kann ich (?:dich )?fragen\b|\bbist du (?:ein(?:e)? )?(?:ki|ai|gpt|mensch)\b|\bhow do you work\b|\bwie funktionierst du\b|\bwhich model\b|\bwelches modell\b/.test(
      folded,
    )
  )
    return "about";
  return undefined;
}

const WHAT = {
  en: "I am the demo model: a small rule-based program, no AI. I pick a tool by matching the words of a question with the tools' names and descriptions, and put its result into a sentence and a table.",
  de: "Ich bin das Demo-Modell: ein kleines regelbasiertes Programm, keine KI. Ich wähle ein Werkzeug, indem ich die Wörter einer Frage mit Namen und Beschreibungen der Werkzeuge vergleiche, und fasse sein Ergebnis in einen Satz und eine Tabelle.",
};
const REAL = {
  en: "For a real model, set `LLM_URL_FREE` to any OpenAI-compatible server (vLLM, Ollama, llama.cpp, LM Studio, OpenAI …) and start again.",
  de: "Für ein richtiges Modell `LLM_URL_FREE` auf einen OpenAI-kompatiblen Server setzen (vLLM, Ollama, llama.cpp, LM Studio, OpenAI …) und neu starten.",
};
const OPENING = {
  greeting: { en: "Hello! ", de: "Hallo! " },
  about: { en: "", de: "" },
  unmatched: {
    en: "No tool that I was offered matches this question. ",
    de: "Keines der angebotenen Werkzeuge passt zu dieser Frage. ",
  },
  unmatchedChange: {
    en: "No tool that I was offered can do this. ",
    de: "Keines der angebotenen Werkzeuge kann das. ",
  },
};

/** What this is, what it can be asked with these tools, how a real model is connected. */
export function introduce(opening: keyof typeof OPENING, index: ToolIndex, language: Language, now: Date): string {
  const examples = examplesFor(index, now);
  const ask =
    examples.length > 0
      ? `${language === "de" ? "Zum Beispiel" : "You can ask, for example"}:\n\n${examples.map((example) => `- ${example}`).join("\n")}`
      : index.tools.length > 0
        ? language === "de"
          ? `Angeboten sind: ${names(index)}.`
          : `I was offered: ${names(index)}.`
        : language === "de"
          ? "Zurzeit ist mir kein Werkzeug angeboten, daher kann ich nichts nachsehen."
          : "No tool is offered to me at present, so there is nothing that I can look up.";
  return [OPENING[opening][language] + WHAT[language], ask, REAL[language]].join("\n\n");
}

export const thank = (language: Language) => (language === "de" ? "Gern geschehen." : "You are welcome.");

const names = (index: ToolIndex) =>
  index.tools
    .slice(0, 8)
    .map((tool) => `\`${tool.shown}\``)
    .join(", ");

/** Up to three questions made of descriptions, one a server where possible; each really leads to its tool. */
function examplesFor(index: ToolIndex, now: Date): string[] {
  const simple = index.tools.filter(
    (tool) => tool.changes.size === 0 && !tool.properties.some((property) => property.required),
  );
  const servers = new Map(
    simple.map((tool) => [serverOf(tool), simple.filter((other) => serverOf(other) === serverOf(tool))]),
  );
  const examples = new Set<string>();
  // The first tool of each server, then the second ones: the choice shows the breadth of what there is.
  for (let round = 0, tried = 0; round < simple.length; round++)
    for (const tools of servers.values()) {
      const tool = tools[round];
      if (!tool) continue;
      if (examples.size === EXAMPLES || ++tried > MAX_TRIED) return [...examples];
      const text = exampleOf(tool);
      const best = rankTools(index, readQuestion(text, now, "en"), now)[0];
      if (matches(best) && best.tool === tool) examples.add(text);
    }
  return [...examples];
}
const EXAMPLES = 3;
const MAX_TRIED = 8;

const serverOf = (tool: OfferedTool) => (tool.shown.includes(".") ? tool.shown.slice(0, tool.shown.indexOf(".")) : "");

const BARE: Record<string, string> = {
  lists: "List",
  returns: "Show",
  gets: "Show",
  get: "Show",
  return: "Show",
  shows: "Show",
  finds: "Find",
  counts: "Count",
  searches: "Search",
  reads: "Read",
  fetches: "Show",
  fetch: "Show",
  retrieves: "Show",
  calculates: "Calculate",
  explains: "Explain",
  describes: "Describe",
  provides: "Show",
  looks: "Look",
};

function exampleOf(tool: OfferedTool): string {
  const sentence = (tool.description.split(/[.;:(\n]|\s[–—-]\s/)[0] ?? "").trim().split(/\s+/).slice(0, 14);
  const [first = ""] = sentence;
  const verb = BARE[first.toLowerCase()];
  if (verb) return [verb, ...sentence.slice(1)].join(" ").replace(/,$/, "");
  if (
    sentence.length >= 2 &&
    /^(?:list|show|find|count|search|read|calculate|explain|describe|compare|tell)$/i.test(first)
  )
    return sentence.join(" ").replace(/,$/, "");
  const subject =
    sentence.length >= 2
      ? first.charAt(0).toLowerCase() + first.slice(1) + " " + sentence.slice(1).join(" ")
      : tool.title;
  return `Show ${/^[A-Z]{2}/.test(first) ? sentence.join(" ") : subject}`.replace(/,$/, "");
}
