import type { Peer } from '../../scripts/peers/peer.ts';

/**
 * A suite of tests that need peers. Where one can't be had, the tests are skipped, each by its name, under a title
 * that says why; where PEERS=require says that all have to be there, they fail.
 */
export function describeWith(needed: readonly Peer[], title: string, define: () => void): void {
  const reasons = needed.flatMap((peer) => {
    const located = peer.locate();
    return 'absent' in located ? [`${peer.name} is absent: ${located.absent}`] : [];
  });
  if (reasons.length === 0) {
    describe(title, define);
    return;
  }
  describe(`${title} (${reasons.join('; ')})`, () => {
    // The first hook: those of the suite itself do not run after it.
    before(function () {
      if (process.env.PEERS === 'require') throw new Error(reasons.join('; '));
      this.skip();
    });
    define();
  });
}

/** The peer's program; only inside a test that needs the peer. */
export function programOf(peer: Peer): string {
  const located = peer.locate();
  if ('absent' in located) throw new Error(`${peer.name} is absent: ${located.absent}`);
  return located.program;
}
