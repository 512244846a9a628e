import type { Peer } from '../../scripts/peers/peer.ts';
import { node24 } from '../../scripts/peers/peers.ts';
import { describeWith, programOf } from './describe-with.ts';

/** A Node.js that agents run tasks with. */
export interface Runtime {
  /** The handler of task.json that an agent with this Node.js chooses. */
  readonly handler: 'Node20_1' | 'Node24';
  /** The executable; only inside a test. */
  program(): string;
}

/** A suite that is run once with the Node.js at hand running the tasks, and once with Node.js 24. */
export function describeOnNodes(
  needed: readonly Peer[],
  title: string,
  define: (runtime: Runtime) => void,
): void {
  const major = Number(process.versions.node.split('.')[0]);
  describeWith(needed, `${title}, on Node.js ${major}`, () =>
    define({ handler: major >= 24 ? 'Node24' : 'Node20_1', program: () => process.execPath }),
  );
  describeWith([...needed, node24], `${title}, on the peer Node.js 24`, () =>
    define({ handler: 'Node24', program: () => programOf(node24) }),
  );
}
