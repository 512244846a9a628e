/**
 * Seeded cases. Each begins with a policy that allows a request, and is then changed a few times: changes that leave
 * it allowed, changes that do not, and changes that the sandbox alone refuses (see differences.ts).
 *
 * Left to the sandbox's own tests, as ministack does not have them: signatures of ID tokens, policy variables that
 * allow, `azp` that allows, `sts:RoleSessionName` with ID tokens, `aws:PrincipalArn` of sessions, and users of an
 * account whose trust policy is enough.
 */
import type { Case } from './case.ts';
import { createRandom, type Random } from './random.ts';
import { signedCase, signedChanges } from './signed-cases.ts';
import { tokenCase, tokenChanges, tokenMixture } from './token-cases.ts';

/** Every change by itself first, so that each is seen whatever the seed; then mixtures. */
export function createCases(seed: number, count: number): Case[] {
  const random = createRandom(seed);
  const makers = [
    ...tokenChanges.map((only) => (name: string) => tokenCase(name, random, () => [only])),
    ...signedChanges.map((only) => (name: string) => signedCase(name, random, () => [only])),
  ];
  const mixture = (name: string, index: number) =>
    index % 3 === 2
      ? signedCase(name, random, () => choose(random, signedChanges, 3))
      : tokenCase(name, random, () => choose(random, tokenMixture, 3));
  return Array.from({ length: count }, (_, index) => {
    const name = `case-${index + 1}`;
    return makers[index]?.(name) ?? mixture(name, index);
  });
}

function choose<T>(random: Random, choices: readonly T[], most: number): T[] {
  return Array.from({ length: Math.floor(random.next() * (most + 1)) }, () => random.pick(choices));
}
