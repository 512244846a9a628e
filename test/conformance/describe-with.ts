import type { Peer } from '../../scripts/peers/peer.ts';

/**
 * A suite of tests that need peers. Where one can't be had, the tests are skipped, each by its name, under a title
 * that says why; where PEERS=require says that all have to be there, that is a failure.
 */
export function describeWith(needed: readonly Peer[], title: string, define: () => void): void {
  const absent = needed.flatMap((peer) => {
    const located = peer.locate();
    return 'absent' in located ? [`${peer.name} is absent: ${located.absent}`] : [];
  });
  if (absent.length === 0) {
    describe(title, define);
    return;
  }
  const reason = absent.join('; ');
  describe(`${title} (${reason})`, () => {
    before(function () {
      if (process.env.PEERS === 'require') throw new Error(reason);
      this.skip();
    });
    describe('with it', define);
  });
}

/** The peer's program; only inside a suite that needs the peer. */
export function programOf(peer: Peer): string {
  const located = peer.locate();
  if ('absent' in located) throw new Error(`${peer.name} is absent: ${located.absent}`);
  return located.program;
}
