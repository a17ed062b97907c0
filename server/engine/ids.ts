/**
 * Ids and chance that come out the same when a step is executed again: they are derived from the run, the place (step, or
 * node while it is built) and a counter. 53 bits of each of two hashes; not for secrets.
 */
export interface Dice {
  /** A number of 0 ≤ x < 1. */
  random(): number;
  /** 16 hexadecimal characters, as Node-RED's generateId. */
  id(): string;
  bytes(size: number): Buffer;
}

export function createDice(seed: string): Dice {
  let count = 0;
  const next = () => hash64(seed, count++);
  return {
    random() {
      const [high, low] = next();
      return ((high >>> 5) * 67_108_864 + (low >>> 6)) / 9_007_199_254_740_992;
    },
    id() {
      const [high, low] = next();
      return hex(high) + hex(low);
    },
    bytes(size) {
      const out = Buffer.alloc(size);
      for (let at = 0; at < size; at += 8) {
        const [high, low] = next();
        const word = Buffer.alloc(8);
        word.writeUInt32BE(high, 0);
        word.writeUInt32BE(low, 4);
        word.copy(out, at, 0, Math.min(8, size - at));
      }
      return out;
    },
  };
}

const hex = (word: number) => word.toString(16).padStart(8, "0");

/** cyrb53 by bryc (public domain) without its last mixing into one number. */
function hash64(text: string, salt: number): [number, number] {
  let a = 0xdeadbeef ^ salt;
  let b = 0x41c6ce57 ^ Math.imul(salt, 0x9e3779b1);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return [b >>> 0, a >>> 0];
}
