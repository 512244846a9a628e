/**
 * Seeded trust policies and requests, put to ministack and to the sandbox: the sandbox is never laxer, and where it is
 * stricter, a document says so.
 */
import assert from 'node:assert/strict';
import * as peers from '../../scripts/peers/peers.ts';
import { describeWith } from './describe-with.ts';
import { type Ministack, startMinistack } from './ministack.ts';
import type { Case } from './trust-policies/case.ts';
import { createCases } from './trust-policies/cases.ts';
import { home } from './trust-policies/cast.ts';
import { type Difference, differences } from './trust-policies/differences.ts';
import { createMinistackStage } from './trust-policies/ministack.ts';
import { createSandboxStage } from './trust-policies/sandbox.ts';

const count = Number(process.env.TRUST_POLICY_CASES ?? 500);
const seed = Number(process.env.TRUST_POLICY_SEED ?? 20_260_701);

interface Played {
  readonly one: Case;
  readonly sandbox: string;
  readonly peerAccepts: boolean;
  readonly peer: string;
}

describeWith([peers.ministack], `trust policies: sandbox and ministack, seed ${seed}`, () => {
  let ministack: Ministack | undefined;
  const played: Played[] = [];

  before(async () => {
    ministack = await startMinistack(home);
    const [stage, peer] = await Promise.all([createSandboxStage(), createMinistackStage(ministack)]);
    for (const one of createCases(seed, count)) {
      const token = await stage.tokenOf(one);
      const sandbox = await stage.play(one, token);
      const answer = await peer.play(one, token);
      played.push({ one, sandbox, peerAccepts: answer.status === 200, peer: answer.body });
    }
    print(played);
  });

  after(() => ministack?.close());

  const accepted = ({ sandbox }: Played) => sandbox === 'ok';
  const stricter = () => played.filter((case_) => !accepted(case_) && case_.peerAccepts);

  it('plays at least 150 cases', () => {
    assert.ok(played.length >= 150);
  });

  it('is never laxer', () => {
    const laxer = played.filter((case_) => accepted(case_) && !case_.peerAccepts);
    assert.deepEqual(laxer.map(describeCase), []);
  });

  it('is stricter only where a document says so, and with the code it should have', () => {
    const unexplained = stricter().filter(
      ({ one, sandbox }) =>
        ![...one.differences].some((name) => sandbox.startsWith(`${differences[name].code}:`)),
    );
    assert.deepEqual(unexplained.map(describeCase), []);
  });

  it('has no row of differences that no case shows', () => {
    const shown = new Set(stricter().flatMap(({ one }) => [...one.differences]));
    const idle = (Object.keys(differences) as Difference[]).filter((name) => !shown.has(name));
    assert.deepEqual(idle, []);
  });

  it('agrees with it on accepting at least 30 % of the cases', () => {
    const both = played.filter((case_) => accepted(case_) && case_.peerAccepts);
    assert.ok(both.length >= 0.3 * played.length, `${both.length} of ${played.length}`);
  });
});

function print(played: readonly Played[]): void {
  const tally = (accepts: boolean, peerAccepts: boolean) =>
    played.filter(({ sandbox, peerAccepts: peer }) => (sandbox === 'ok') === accepts && peer === peerAccepts)
      .length;
  console.table({
    cases: played.length,
    'accepted by both': tally(true, true),
    'refused by both': tally(false, false),
    'sandbox stricter': tally(false, true),
    'sandbox laxer': tally(true, false),
  });
}

/** A case as a person wants to read it when a check fails. */
function describeCase({ one, sandbox, peer }: Played): string {
  const asker = one.asker.kind === 'user' ? one.asker.name : one.asker.kind;
  return `${one.name} (${asker}): ${one.title}\n  sandbox: ${sandbox}\n  ministack: ${peer.slice(0, 300)}\n  policy: ${JSON.stringify(one.trustPolicy)}`;
}
