import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseTaskManifest, type TaskManifest } from '../../../scripts/task-manifest.ts';
import { packagedTasks } from '../../rig/packaged-tasks.ts';
import { cases } from './cases/index.ts';

const step = z.looseObject({
  task: z.string().optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
});
const pipeline = z.looseObject({
  steps: z.array(step).default([]),
  jobs: z.array(z.looseObject({ steps: z.array(step) })).default([]),
});

/** Inputs as the cases write them: by name, the values. */
function writtenInputs(): Map<string, Set<string>> {
  const written = new Map<string, Set<string>>();
  for (const each of cases) {
    const { steps, jobs } = pipeline.parse(parse(each.pipeline));
    for (const { task, inputs = {} } of [...steps, ...jobs.flatMap((job) => job.steps)]) {
      if (task !== 'AwsFederate@1') continue;
      for (const [name, value] of Object.entries(inputs))
        written.set(name, (written.get(name) ?? new Set()).add(String(value)));
    }
  }
  return written;
}

describe('The cases of AwsFederate@1', () => {
  let manifest: TaskManifest;

  before(async () => {
    const file = join(await packagedTasks(), 'AwsFederate/AwsFederateV1/task.json');
    manifest = parseTaskManifest(await readFile(file, 'utf8'), file);
  });

  it('use every input, under every name it has', () => {
    const names = manifest.inputs.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
    assert.deepEqual([...writtenInputs().keys()].sort(), names.sort());
  });

  it('use every value of every pick list, and both of every switch', () => {
    const written = writtenInputs();
    for (const { name, type, options } of manifest.inputs) {
      const offered = type === 'boolean' ? ['true', 'false'] : Object.keys(options ?? {});
      const used = written.get(name) ?? new Set();
      assert.deepEqual(
        offered.filter((value) => !used.has(value)),
        [],
        name,
      );
    }
  });

  it('run in builds and in releases', () => {
    assert(cases.some(({ host }) => host === 'release') && cases.some(({ host }) => host !== 'release'));
  });

  it('read every output in a later step', () => {
    const scripts = cases.map((each) => each.pipeline).join('\n');
    for (const { name } of manifest.outputVariables) assert(scripts.includes(`$(aws.${name})`), name);
  });

  it('have names of their own', () => {
    assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length);
  });
});
