import assert from 'node:assert/strict';
import type { FederationSettings, Origin } from '../../../lib/identity/federation-settings.ts';
import { tagsOfHop } from '../../../lib/identity/hop-tags.ts';
import { roleNamed, settings, unrestricted } from './samples.ts';

const keys: Origin = {
  kind: 'keys',
  keys: { accessKeyId: 'AKIA', secretAccessKey: 's' },
  named: 'the service connection',
};
const machine: Origin = { kind: 'machine', environment: {} };
const tags = { project: 'shop', stage: 'production' };

/** Per role: `project stage* ` with a star at what is made transitive there. */
function sent(origin: Origin, names: string, transitiveTagKeys: readonly string[] = []): string[] {
  const of: FederationSettings = {
    ...settings,
    origin,
    roles: [...names].map((name) => roleNamed(name)),
    restrictions: { ...unrestricted, tags, transitiveTagKeys },
  };
  const assumed = of.roles.slice(origin.kind === 'idToken' ? 1 : 0);
  return assumed.map((role) => {
    const hop = tagsOfHop(of, role);
    for (const [key, value] of Object.entries(hop.tags)) assert.equal(value, tags[key as keyof typeof tags]);
    return [...Object.keys(hop.tags), ...hop.transitiveTagKeys.map((key) => `${key}*`)].join(' ');
  });
}

describe('session tags', () => {
  it('mark the last session only', () => {
    assert.deepEqual(sent(settings.origin, 'ab'), ['project stage']);
    assert.deepEqual(sent(settings.origin, 'abcd'), ['', '', 'project stage']);
    assert.deepEqual(sent(keys, 'a'), ['project stage']);
    assert.deepEqual(sent(machine, 'abc'), ['', '', 'project stage']);
  });

  it('that are transitive are set on the first AssumeRole, and never again', () => {
    assert.deepEqual(sent(settings.origin, 'abcd', ['project']), ['project project*', '', 'stage']);
    assert.deepEqual(sent(keys, 'abc', ['project']), ['project project*', '', 'stage']);
    assert.deepEqual(sent(machine, 'ab', ['project', 'stage']), ['project stage project* stage*', '']);
  });

  it('of a single hop are all set there', () => {
    assert.deepEqual(sent(settings.origin, 'ab', ['stage']), ['project stage stage*']);
    assert.deepEqual(sent(keys, 'a', ['stage']), ['project stage stage*']);
  });

  it('tell two hops to the same role apart', () => {
    assert.deepEqual(sent(keys, 'aba', ['project']), ['project project*', '', 'stage']);
  });
});
