/** Which job runs after which. */
import type { Job } from './model.ts';
import type { Faults } from './source.ts';

/** The jobs, each after those it depends on, otherwise in the order of the file. */
export function inOrder(jobs: readonly Job[], fault: Faults): Job[] {
  const byName = new Map<string, Job>();
  for (const job of jobs) {
    if (byName.has(key(job.name))) {
      fault(
        job.place,
        `The job name ${job.name} appears more than once. Job names must be unique within a pipeline.`,
      );
    }
    byName.set(key(job.name), job);
  }
  const ordered: Job[] = [];
  const visit = (job: Job, path: readonly Job[]): void => {
    if (ordered.includes(job)) return;
    for (const name of job.dependsOn) {
      const before = byName.get(key(name));
      if (before === undefined) fault(job.place, `Job ${job.name} depends on unknown job ${name}.`);
      else if (before === job || path.includes(before)) {
        fault(
          job.place,
          `Job ${job.name} depends on job ${name} which creates a cycle in the dependency graph.`,
        );
      } else visit(before, [...path, job]);
    }
    if (!ordered.includes(job)) ordered.push(job);
  };
  for (const job of jobs) visit(job, []);
  return ordered;
}

/** Every job that a job depends on, directly or through others, by lower-case name. */
export function ancestors(job: Job, jobs: readonly Job[]): Set<string> {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(key(name))) return;
    found.add(key(name));
    jobs.find((one) => key(one.name) === key(name))?.dependsOn.forEach(visit);
  };
  job.dependsOn.forEach(visit);
  return found;
}

const key = (name: string): string => name.toLowerCase();
