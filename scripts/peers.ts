/**
 * `npm run peers`: installs the programs that the conformance tests hold this project against into .cache/peers/. What
 * is there in the right version stays. With PEERS=require, one that can't be had is a failure.
 */
import { peers } from './peers/peers.ts';

for (const peer of peers) {
  const started = performance.now();
  process.stdout.write(`${peer.name} (${peer.standsFor}): `);
  const done = await peer.install?.().catch(() => undefined);
  const located = peer.locate();
  if ('absent' in located) {
    console.log(`absent: ${located.absent}`);
    if (process.env.PEERS === 'require') process.exitCode = 1;
  } else if (done === 'installed') {
    console.log(`installed in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  } else {
    console.log(done ?? 'on this machine');
  }
}
