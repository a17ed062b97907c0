"use strict";

/** Places looked at where JSON might begin; more would let a text of brackets only hold up the process. */
const MOST_STARTS = 200;

/** JSON values that a text holds: as a whole, in fenced blocks, or in the middle of prose; the likeliest first. */
function jsonInText(text) {
  const found = [];
  const add = (candidate) => {
    try {
      found.push(JSON.parse(candidate));
      return true;
    } catch {
      return false;
    }
  };
  if (add(text)) return found;
  for (const [, block] of text.matchAll(/```[\w-]*[ \t]*\r?\n?([\s\S]*?)```/g)) add(block);
  let starts = 0;
  for (let at = 0; at < text.length && starts < MOST_STARTS; at++) {
    if (text[at] !== "{" && text[at] !== "[") continue;
    starts++;
    const end = endOfValue(text, at);
    if (end && add(text.slice(at, end))) at = end - 1;
  }
  return found;
}

/** Where the object or array ends that begins at `start`; 0: it does not. Brackets within strings do not count. */
function endOfValue(text, start) {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (inString) {
      if (char === "\\") at++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{" || char === "[") depth++;
    else if ((char === "}" || char === "]") && --depth === 0) return at + 1;
  }
  return 0;
}

module.exports = { jsonInText };
