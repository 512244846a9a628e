import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TaskCatalogue } from '../../../../sandbox/agent/tasks/catalogue.ts';
import { parseTaskDefinition } from '../../../../sandbox/agent/tasks/definition.ts';
import { chooseHandler } from '../../../../sandbox/agent/tasks/handler.ts';

const tasks = join(import.meta.dirname, '..', 'data', 'tasks');

describe('the tasks at hand', () => {
  it('are those below the folders that are given', async () => {
    const { references } = await TaskCatalogue.load([tasks]);
    assert.deepEqual(references, [
      ...['Library@1', 'Old@1', 'Restricted@1', 'Run@1', 'Run@2', 'Settings@1', 'Stages@1', 'Windows@1'],
    ]);
  });

  it('may be given as the folder of one', async () => {
    assert.deepEqual((await TaskCatalogue.load([join(tasks, 'Run', 'RunV2')])).references, ['Run@2']);
  });

  it('are found by name, by qualified name and by GUID, in the major version asked for', async () => {
    const catalogue = await TaskCatalogue.load([tasks]);
    const found = [
      ['run', '1'],
      ['publisher.extension.Run', '2'],
      ['0f1d6a52-3c1b-4b7e-9a64-5d0c2b8e7f11', '2'],
      ['Run', '2.1.0'],
    ].map(([name = '', version = '']) => catalogue.find(name, version)?.folder);
    const [one, two] = [join(tasks, 'Run', 'RunV1'), join(tasks, 'Run', 'RunV2')];
    assert.deepEqual(found, [one, two, two, two]);
    assert.equal(catalogue.find('Run', '3'), undefined);
    assert.equal(catalogue.find('Run', '2.0.0'), undefined);
    assert.equal(catalogue.find('un', '1'), undefined);
  });

  describe('are refused where', () => {
    let folder: string;
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'tasks-'));
    });
    after(() => rm(folder, { recursive: true }));

    it('their folder is not there', () =>
      assert.rejects(TaskCatalogue.load([join(folder, 'none')]), /tasks cannot be loaded: ENOENT/));

    it('task.json is no JSON, or defines no task', async () => {
      await writeFile(join(folder, 'task.json'), '{');
      await assert.rejects(TaskCatalogue.load([folder]), /task\.json is not JSON/);
      await writeFile(join(folder, 'task.json'), '{"id":"x","name":"T"}');
      await assert.rejects(TaskCatalogue.load([folder]), /is no task definition: id: .*; version: /);
    });
  });
});

describe('a task.json', () => {
  it('of other people may hold more, begin with a byte order mark and write versions as texts', () => {
    const text =
      '\uFEFF{"id":"3C409D85-6f4e-4ea1-8d97-803f5e1ba244","name":"T","version":{"Major":"1","Minor":"20","Patch":3},' +
      '"demands":["node"],"dataSourceBindings":[{}],"inputs":[{"name":"a","type":"boolean","defaultValue":false,"odd":1}]}';
    const { id, version, inputs } = parseTaskDefinition(text, 'task.json');
    assert.deepEqual(
      [id, version],
      ['3c409d85-6f4e-4ea1-8d97-803f5e1ba244', { Major: 1, Minor: 20, Patch: 3 }],
    );
    assert.equal(inputs[0]?.defaultValue, 'false');
  });
});

describe('the handler', () => {
  const handlers = {
    Node16: { target: 'sixteen.js' },
    Node20_1: { target: 'twenty.js' },
    Node24: { target: 'twentyfour.js', workingDirectory: '$(currentDirectory)' },
    PowerShell3: { target: 'x.ps1' },
  };
  const chosen = (major: number, offered: Parameters<typeof chooseHandler>[0] = handlers) =>
    chooseHandler(offered, '/task', { path: 'node', major });

  it('is the newest that the Node.js at hand runs', () => {
    assert.deepEqual(
      [24, 26, 22, 20, 18].map((major) => chosen(major).name),
      ['Node24', 'Node24', 'Node20_1', 'Node20_1', 'Node16'],
    );
  });

  it('is the oldest where all are newer, as an agent without their Node.js falls back', () => {
    assert.equal(chosen(20, { Node24: handlers.Node24 }).name, 'Node24');
    assert.equal(chosen(12, { Node24: handlers.Node24, Node20_1: handlers.Node20_1 }).name, 'Node20_1');
  });

  it('knows where its script and its working directory are', () => {
    assert.deepEqual(chosen(24), {
      name: 'Node24',
      target: '/task/twentyfour.js',
      workingDirectory: '/task',
    });
  });

  it('is none where the task is for Windows', () => {
    assert.throws(
      () => chosen(24, { PowerShell3: handlers.PowerShell3 }),
      /not capable of running this task/,
    );
  });
});
