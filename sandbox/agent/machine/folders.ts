/** The folders of an agent, where the real one has them. */
import { mkdir, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Host } from '../record.ts';

/** Absolute paths. */
export interface Folders {
  /** `Agent.HomeDirectory`: what the work folder lies in. */
  readonly home: string;
  /** `Agent.WorkFolder`. */
  readonly work: string;
  /** `Agent.TempDirectory`: emptied before and after each job. */
  readonly temp: string;
  readonly tools: string;
  /** `HOME` of the steps, where the caller gives no other. */
  readonly userHome: string;
  /** `Pipeline.Workspace`, or a release's own folder. */
  readonly workspace: string;
  /** The pipeline's files: `Build.SourcesDirectory`, and in a release its artifacts. */
  readonly sources: string;
  /** `Build.ArtifactStagingDirectory`. */
  readonly staging: string;
  readonly binaries: string;
  readonly testResults: string;
}

/** Where an agent with this work folder keeps things (Constants.cs: Build.Path, Release.Path, Path). */
export function foldersOf(work: string, host: Host): Folders {
  const workspace = join(work, host === 'build' ? '1' : 'r1');
  return {
    home: dirname(work),
    work,
    temp: join(work, '_temp'),
    tools: join(work, '_tool'),
    userHome: join(work, '_home'),
    workspace,
    sources: join(workspace, host === 'build' ? 's' : 'a'),
    staging: join(workspace, 'a'),
    binaries: join(workspace, 'b'),
    testResults: join(workspace, 'TestResults'),
  };
}

/**
 * Makes the folders, empty ones where a job may find something of an earlier job.
 *
 * @param checkout the folder that stands in for the repository: it is linked, not copied, so steps work on its files
 */
export async function prepareFolders(folders: Folders, checkout: string | undefined): Promise<void> {
  await rm(folders.workspace, { recursive: true, force: true });
  await rm(folders.temp, { recursive: true, force: true });
  const { temp, tools, userHome, workspace, binaries, testResults, staging, sources } = folders;
  for (const folder of [temp, tools, userHome, workspace, binaries, testResults]) {
    await mkdir(folder, { recursive: true });
  }
  if (staging !== sources) await mkdir(staging);
  // A junction needs no privilege on Windows, and is a plain link elsewhere.
  if (checkout === undefined) await mkdir(sources);
  else await symlink(checkout, sources, 'junction');
}
