/** `target` of a step: where it runs, and what it may do there. */
import { Fields } from './fields.ts';
import type { Restrictions } from './model.ts';
import type { Faults } from './source.ts';

const containerAdvice = 'containers are not run here; run the step on the host: leave target out';

/** @see https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/target */
export function readTarget(step: Fields, fault: Faults): Restrictions {
  const source = step.source('target');
  const free: Restrictions = { commandsRestricted: false, settableVariables: undefined };
  if (source === undefined) return free;
  if (source.kind === 'text') {
    if (source.text !== 'host') fault(source.place, containerAdvice);
    return free;
  }
  const target = new Fields(source, 'a target', ['container', 'commands', 'settableVariables'], {}, fault);
  const container = target.text('container') ?? 'host';
  if (container !== 'host') fault(target.placeOf('container'), containerAdvice);
  const commands = target.text('commands') ?? 'any';
  if (commands !== 'any' && commands !== 'restricted') {
    fault(target.placeOf('commands'), `'commands' is '${commands}'; write any or restricted`);
  }
  const settable = target.texts('settableVariables');
  return {
    commandsRestricted: commands === 'restricted',
    settableVariables: settable?.length === 1 && settable[0] === 'none' ? [] : settable,
  };
}
