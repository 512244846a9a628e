import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { profileVariables, rivalVariables } from '../../lib/identity/hand-off/profile.ts';
import { sdkVariables, toolkitVariables } from '../../lib/identity/hand-off/variables.ts';
import { readSharedInputs, withSharedInputs } from '../../scripts/shared-inputs.ts';
import { findTaskFolders } from '../../scripts/task-folders.ts';
import { parseTaskManifest } from '../../scripts/task-manifest.ts';
import { root } from './repository.ts';

const tasks = await findTaskFolders(join(root, 'tasks'));

/** What the three hand-offs set between them, each name once. */
const everyHandOff = [
  ...new Set([
    ...profileVariables,
    ...rivalVariables,
    ...[sdkVariables, toolkitVariables].flatMap((names) => Object.values(names).flat()),
  ]),
];

describe('task.json', () => {
  it('stands in a folder of its name and major version, one id a task', () => {
    for (const { path, manifest } of tasks) {
      assert.equal(path, `${manifest.name}/${manifest.name}V${manifest.version.Major}`);
    }
    const idsByName = new Map(tasks.map(({ manifest }) => [manifest.name, manifest.id]));
    assert.equal(new Set(idsByName.values()).size, idsByName.size);
    for (const { manifest } of tasks) assert.equal(manifest.id, idsByName.get(manifest.name));
  });

  it('federates in the same words in every task', async () => {
    const shared = await readSharedInputs(root);
    for (const { path, manifest } of tasks) {
      assert.deepEqual(manifest, withSharedInputs(manifest, shared), `${path}: npm run manifests`);
    }
  });

  it('is refused when Azure Pipelines would drop or refuse a part of it', async () => {
    const task = tasks[0];
    assert(task);
    const text = await readFile(join(task.folder, 'task.json'), 'utf8');
    const wrong: Record<string, (manifest: Record<string, unknown>) => void> = {
      'an unknown property': (manifest) => Object.assign(manifest, { helpMarkdown: '' }),
      'a friendlyName of 41 characters': (manifest) =>
        Object.assign(manifest, { friendlyName: 'x'.repeat(41) }),
      'a name with a space': (manifest) => Object.assign(manifest, { name: 'Aws Federate' }),
      'an id that is no GUID': (manifest) => Object.assign(manifest, { id: 'aws-federate' }),
      'no Node20_1 handler': (manifest) =>
        Object.assign(manifest, { execution: { Node24: { target: 'main.js' } } }),
      'another file on Node 20': (manifest) =>
        Object.assign(manifest, {
          execution: { Node20_1: { target: 'old.js' }, Node24: { target: 'main.js' } },
        }),
      'an output with a hyphen': (manifest) =>
        Object.assign(manifest, { outputVariables: [{ name: 'account-id', description: 'x' }] }),
    };
    for (const [what, breakIt] of Object.entries(wrong)) {
      const manifest = JSON.parse(text);
      breakIt(manifest);
      assert.throws(
        () => parseTaskManifest(JSON.stringify(manifest), 'a/task.json'),
        /^Error: a\/task\.json/,
        what,
      );
    }
  });
});

for (const { path, folder, manifest } of tasks) {
  const inputs = new Map(manifest.inputs.map((input) => [input.name, input]));

  describe(`tasks/${path}/task.json`, () => {
    it('asks for the first agent that has Node 20', () => {
      // Node20_1 came with agent 2.214.1; older agents would fall back to a Node that the door refuses. Agents
      // before 3.250.0 do not know the Node24 handler and take Node20_1. Post-job steps are older than both.
      assert.equal(manifest.minimumAgentVersion, '2.214.1');
    });

    it('has no name twice, aliases included, whatever the case', () => {
      const names = manifest.inputs.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
      assertNoneTwice(names.map((name) => name.toLowerCase()));
      assertNoneTwice(manifest.groups.map(({ name }) => name));
      assertNoneTwice(manifest.outputVariables.map(({ name }) => name.toLowerCase()));
    });

    it('puts every input into a group that exists, and leaves no group empty', () => {
      const used = new Set(manifest.inputs.map(({ groupName }) => groupName).filter(Boolean));
      assert.deepEqual([...used].sort(), manifest.groups.map(({ name }) => name).sort());
    });

    it('shows inputs under rules that can come true', () => {
      for (const { name, visibleRule } of manifest.inputs) {
        for (const [, other = '', value = ''] of visibleRule?.matchAll(/(\w+)\s*!?=\s*(\w+)/g) ?? []) {
          const input = inputs.get(other);
          assert(input, `${name}: no input ${other}`);
          const values = input.options ? Object.keys(input.options) : ['true', 'false'];
          assert(values.includes(value), `${name}: ${other} is never ${value}`);
        }
      }
    });

    it('has a default that can be picked', () => {
      for (const { name, type, options, defaultValue } of manifest.inputs) {
        if (type === 'pickList' || type === 'radio')
          assert(Object.hasOwn(options ?? {}, String(defaultValue)), name);
        if (type === 'boolean') assert.equal(typeof defaultValue, 'boolean', name);
      }
    });

    it('may run the commands that attach the run report', () => {
      // Restricted mode would block task.addattachment and task.uploadsummary.
      assert.equal(manifest.restrictions.commands, undefined);
    });

    it('declares the outputs that its source sets', async () => {
      const source = await readFile(join(folder, 'main.ts'), 'utf8');
      const set = [...source.matchAll(/\bsetOutput\('(\w+)'/g)].map(([, name]) => name);
      assert.deepEqual(set.sort(), manifest.outputVariables.map(({ name }) => name).sort());
    });

    it('may set its outputs, what it hands to later steps, and PATH, and nothing else', () => {
      // The agent drops any other variable with no more than a warning.
      const outputs = manifest.outputVariables.map(({ name }) => name);
      const handedOn = inputs.has('handOff') ? everyHandOff : [];
      const { allowed } = manifest.restrictions.settableVariables;
      assert.deepEqual([...allowed].sort(), [...outputs, ...handedOn, 'PATH'].sort());
    });
  });
}

function assertNoneTwice(names: readonly string[]): void {
  assert.deepEqual(names, [...new Set(names)]);
}
