import { assertSound } from '../../rig/findings.ts';
import { inParallel } from '../../rig/in-parallel.ts';
import { packagedTasks } from '../../rig/packaged-tasks.ts';
import { runTrial, type Trial } from '../../rig/trial.ts';
import { cases, subjects, type TaskCase } from './cases/index.ts';

/** Runs wait for their processes more than they compute. */
const atOnce = 3;

describe('AwsFederate@1, as packaged', () => {
  let trials: ReadonlyMap<TaskCase, Promise<Trial>>;

  before(async () => {
    await packagedTasks();
    trials = inParallel(cases, atOnce, (each) => runTrial(each));
  });

  for (const [subject, about] of Object.entries(subjects)) {
    describe(subject, () => {
      for (const each of about) {
        it(each.name, async () => {
          const trial = (await trials.get(each)) as Trial;
          each.expect(trial);
          assertSound(trial);
        });
      }
    });
  }
});
