/**
 * Texts with wildcards, as IAM policies write them: `*` stands for any run of characters, `?` for exactly one.
 * A character that came out of a policy variable never acts as a wildcard.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String
 */

/** One place of a pattern: a character that stands for itself, or a wildcard. */
export type Glyph = { readonly literal: string } | { readonly wildcard: '*' | '?' };

export type Pattern = readonly Glyph[];

/** Reads `*` and `?` as wildcards, everything else as itself. */
export function patternOf(text: string): Pattern {
  return Array.from(text, (character) =>
    character === '*' || character === '?' ? { wildcard: character } : { literal: character },
  );
}

/** Every character stands for itself. */
export function literalPattern(text: string): Pattern {
  return Array.from(text, (literal) => ({ literal }));
}

/** What an operator that knows no wildcards compares with: `*` and `?` are then characters like any other. */
export function plainText(pattern: Pattern): string {
  return pattern.map((glyph) => ('literal' in glyph ? glyph.literal : glyph.wildcard)).join('');
}

/**
 * Whether the whole text matches, case-sensitively. Greedy with one point to go back to, so its time is bounded by
 * the product of the two lengths whatever the pattern.
 */
export function matchesPattern(text: string, pattern: Pattern): boolean {
  const characters = Array.from(text);
  let at = 0;
  let place = 0;
  let lastStar: { readonly place: number; at: number } | undefined;
  while (at < characters.length) {
    const glyph = pattern[place];
    if (glyph !== undefined && 'wildcard' in glyph && glyph.wildcard === '*') {
      lastStar = { place, at };
      place += 1;
    } else if (glyph !== undefined && ('wildcard' in glyph || glyph.literal === characters[at])) {
      at += 1;
      place += 1;
    } else if (lastStar !== undefined) {
      lastStar.at += 1;
      at = lastStar.at;
      place = lastStar.place + 1;
    } else {
      return false;
    }
  }
  return pattern.slice(place).every((glyph) => 'wildcard' in glyph && glyph.wildcard === '*');
}
