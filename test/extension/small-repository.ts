import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findTaskFolders, type TaskFolder } from '../../scripts/task-folders.ts';
import { root } from './repository.ts';

/** A repository in a temp folder that holds one task, `Sample@1` with a main.js and a post-job.js. */
export interface SmallRepository {
  readonly root: string;
  readonly task: TaskFolder;
}

/** Makes a small repository with these files beside the task's manifest and the real door, and removes it afterwards. */
export async function withRepository<T>(
  files: Readonly<Record<string, string>>,
  use: (repository: SmallRepository) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'small repository '));
  try {
    const manifest = JSON.stringify(sampleManifest);
    for (const [path, content] of Object.entries({ 'tasks/Sample/SampleV1/task.json': manifest, ...files })) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    await copyFile(join(root, 'tasks/door.cjs'), join(folder, 'tasks/door.cjs'));
    const [task] = await findTaskFolders(join(folder, 'tasks'));
    if (!task) throw new Error('the small repository has lost its task');
    return await use({ root: folder, task });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const handlers = (target: string) => ({ Node20_1: { target }, Node24: { target } });

const sampleManifest = {
  id: '5ad1a0c0-33f5-4d3d-9d0b-2b7d7fd7e6a1',
  name: 'Sample',
  friendlyName: 'Sample',
  description: 'A task with both handlers and nothing else',
  helpUrl: 'https://example.com/',
  helpMarkDown: 'None',
  author: 'Sample',
  category: 'Utility',
  visibility: ['Build', 'Release'],
  runsOn: ['Agent'],
  version: { Major: 1, Minor: 0, Patch: 0 },
  minimumAgentVersion: '2.214.1',
  instanceNameFormat: 'Sample',
  groups: [],
  inputs: [],
  outputVariables: [],
  execution: handlers('main.js'),
  postjobexecution: handlers('post-job.js'),
  restrictions: { settableVariables: { allowed: [] } },
};
