import assert from 'node:assert/strict';
import { inParallel } from '../../rig/in-parallel.ts';
import { tasksWithMain } from '../../rig/packaged-tasks.ts';
import { runTrial, type Trial } from '../../rig/trial.ts';
import { cases, type TaskCase } from './cases/index.ts';

const saysSucceeded = "console.log('##vso[task.complete result=Succeeded;]');\n";

describe('A task that only says that it succeeded', () => {
  let trials: ReadonlyMap<TaskCase, Promise<Trial>>;

  before(async () => {
    const tasks = await tasksWithMain('AwsFederate', saysSucceeded);
    trials = inParallel(cases, 3, (each) => runTrial(each, tasks));
  });

  for (const each of cases) {
    it(`fails: ${each.name}`, async () => {
      const trial = (await trials.get(each)) as Trial;
      assert.equal(trial.task.result, 'Succeeded');
      assert.throws(() => each.expect(trial), assert.AssertionError);
    });
  }
});
