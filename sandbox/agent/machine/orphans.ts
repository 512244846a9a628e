/** Processes that outlive their step: found by the mark that every process of a job carries, and ended with the job. */
import { readdir, readFile } from 'node:fs/promises';

/** The environment variable that marks the processes of a job (Constants.cs, ProcessLookupId). */
export const lookupVariable = 'VSTS_PROCESS_LOOKUP_ID';

/**
 * Ends every process that carries a mark. Where the system does not show other processes' environment as Linux does,
 * none is found.
 *
 * @returns what was ended: `pid (1234) (sleep)`
 * @see azure-pipelines-agent, JobExtension.cs, FinalizeJob
 */
export async function endOrphans(mark: string): Promise<string[]> {
  if (process.platform !== 'linux') return [];
  const ended: string[] = [];
  for (const name of await readdir('/proc')) {
    const id = Number(name);
    if (!Number.isInteger(id) || id === process.pid) continue;
    try {
      const environment = await readFile(`/proc/${name}/environ`, 'utf8');
      if (!environment.split('\0').includes(`${lookupVariable}=${mark}`)) continue;
      const program = (await readFile(`/proc/${name}/comm`, 'utf8')).trim();
      process.kill(id, 'SIGKILL');
      ended.push(`pid (${id}) (${program})`);
    } catch {
      // It is another user's, or has ended in the meantime.
    }
  }
  return ended;
}
