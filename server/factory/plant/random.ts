/**
 * A stream of numbers in [0, 1) that depends on seed and stream name only. Each part of the plant has a stream of its
 * own, so that what a person books in one system does not change the luck of another (orders arrive the same either way).
 */
export type Random = () => number;

export function createRandom(seed: number | string, stream: string): Random {
  // xmur3 spreads the text over 32 bits, mulberry32 draws from there; both are public domain (bryc/code, PRNGs).
  const text = `${seed}/${stream}`;
  let hash = 1779033703 ^ text.length;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 3432918353);
    hash = (hash << 13) | (hash >>> 19);
  }
  let state = Math.imul(hash ^ (hash >>> 16), 2246822507) ^ Math.imul(hash ^ (hash >>> 13), 3266489909);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export const between = (random: Random, low: number, high: number): number => low + random() * (high - low);

export const wholeBetween = (random: Random, low: number, high: number): number =>
  Math.floor(between(random, low, high + 1));

/** Throws RangeError for an empty list: the catalogues are never empty. */
export function pick<T>(random: Random, list: readonly T[]): T {
  const found = list[Math.floor(random() * list.length)];
  if (found === undefined) throw new RangeError("Nothing to pick from");
  return found;
}
