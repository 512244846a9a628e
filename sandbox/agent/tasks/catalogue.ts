/** The tasks that are at hand: task folders found below the given ones. */
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FileFault } from '../../checked-yaml.ts';
import { parseTaskDefinition, type TaskDefinition } from './definition.ts';

/** A task that can be run. */
export interface Task {
  readonly definition: TaskDefinition;
  /** Absolute path of the folder that holds task.json. */
  readonly folder: string;
}

/** A folder of an extension holds its tasks at most this deep: `tasks/Name/NameV1/task.json`. */
const maximumDepth = 4;

/** Every task below the given folders, each of which may be a task folder itself. */
export class TaskCatalogue {
  readonly #tasks: readonly Task[];

  private constructor(tasks: readonly Task[]) {
    this.#tasks = tasks;
  }

  /** @throws FileFault where a folder is not there or a task.json in it cannot be used */
  static async load(folders: readonly string[]): Promise<TaskCatalogue> {
    try {
      const found = await Promise.all(folders.map((folder) => tasksBelow(resolve(folder), 0)));
      return new TaskCatalogue(found.flat());
    } catch (error) {
      throw new FileFault([
        `the tasks cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
      ]);
    }
  }

  /** The names that can be referred to, as a pipeline writes them. */
  get references(): string[] {
    const names = this.#tasks.map(({ definition: { name, version } }) => `${name}@${version.Major}`);
    return [...new Set(names)].sort();
  }

  /**
   * The newest task of a major version.
   *
   * @param reference the task's name, its GUID, or its name behind those of publisher and extension
   * @param version `1`, or a whole `1.2.3`
   */
  find(reference: string, version: string): Task | undefined {
    const name = reference.toLowerCase();
    return this.#tasks
      .filter(({ definition }) => {
        const own = definition.name.toLowerCase();
        return name === own || name === definition.id || name.endsWith(`.${own}`);
      })
      .filter(({ definition: { version: v } }) =>
        version.includes('.') ? `${v.Major}.${v.Minor}.${v.Patch}` === version : String(v.Major) === version,
      )
      .sort((a, b) => newerFirst(a.definition, b.definition))[0];
  }
}

const newerFirst = ({ version: a }: TaskDefinition, { version: b }: TaskDefinition): number =>
  b.Minor - a.Minor || b.Patch - a.Patch;

async function tasksBelow(folder: string, depth: number): Promise<Task[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  if (entries.some((entry) => entry.name === 'task.json')) {
    const file = join(folder, 'task.json');
    return [{ definition: parseTaskDefinition(await readFile(file, 'utf8'), file), folder }];
  }
  if (depth === maximumDepth) return [];
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== 'node_modules');
  return (await Promise.all(folders.map(({ name }) => tasksBelow(join(folder, name), depth + 1)))).flat();
}
