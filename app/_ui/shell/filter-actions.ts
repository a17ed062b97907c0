import type { PaletteAction } from "./types.ts";

const fold = (text: string) =>
  text
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "")
    .toLowerCase();

/**
 * Actions in which every typed word occurs, best first: label begins so, then a word of the label begins so, then the
 * rest. Case and accents do not matter. Nothing typed: all, in their order.
 */
export function filterActions(actions: PaletteAction[], typed: string): PaletteAction[] {
  const words = fold(typed).split(/\s+/).filter(Boolean);
  if (words.length === 0) return actions;
  const first = words[0] ?? "";
  const rank = (label: string) =>
    label.startsWith(first) ? 0 : label.split(/\s+/).some((w) => w.startsWith(first)) ? 1 : 2;
  return actions
    .filter((action) => {
      const text = fold([action.label, action.description, action.group, ...(action.keywords ?? [])].join(" "));
      return words.every((word) => text.includes(word));
    })
    .map((action, index) => ({ action, index, rank: rank(fold(action.label)) }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ action }) => action);
}

/** In order of first appearance, so that the best match's group stands first. */
export function groupActions(actions: PaletteAction[]): { group: string; actions: PaletteAction[] }[] {
  const groups = new Map<string, PaletteAction[]>();
  for (const action of actions) {
    const members = groups.get(action.group);
    if (members) members.push(action);
    else groups.set(action.group, [action]);
  }
  return [...groups].map(([group, members]) => ({ group, actions: members }));
}
