/** A deterministic source of choices: the same seed gives the same cases everywhere. */
export interface Random {
  /** 0 ≤ n < 1 */
  next(): number;
  /** One of at least one. */
  pick<T>(choices: readonly T[]): T;
  /** True that often. */
  chance(probability: number): boolean;
}

/** Mulberry32, a 32-bit generator. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    pick: <T>(choices: readonly T[]) => choices[Math.floor(next() * choices.length)] as T,
    chance: (probability) => next() < probability,
  };
}
