import assert from 'node:assert/strict';
import { environmentName, Variables } from '../../../../sandbox/agent/variables/variables.ts';

function variablesOf(entries: Record<string, string>): Variables {
  const variables = new Variables(() => {});
  for (const [name, value] of Object.entries(entries)) variables.set(name, value);
  return variables;
}

describe('variables', () => {
  it('ignore letter case in names, and keep the name as it was set last', () => {
    const variables = variablesOf({ Name: 'a', NAME: 'b' });
    assert.equal(variables.get('name'), 'b');
    assert.deepEqual(
      variables.all.map(({ name }) => name),
      ['NAME'],
    );
  });

  it('expand the variables that their values name, recursively', () => {
    const variables = variablesOf({ a: '[$(b)]', b: '<$(C)>', c: '$(none)' });
    assert.deepEqual(variables.expand(), []);
    assert.equal(variables.get('a'), '[<$(none)>]');
  });

  it('stay as written where they name themselves, with a warning', () => {
    const variables = variablesOf({ a: '$(b)', b: 'x$(a)', c: '$(a)!' });
    assert.deepEqual(variables.expand(), [
      "Unable to expand variable 'a'. A cyclical reference was detected.",
      "Unable to expand variable 'b'. A cyclical reference was detected.",
      "Unable to expand variable 'c'. A cyclical reference was detected.",
    ]);
    assert.deepEqual(
      [variables.get('a'), variables.get('b'), variables.get('c')],
      ['$(b)', 'x$(a)', '$(a)!'],
    );
  });

  it('stay as written where they nest 50 deep', () => {
    const chain = (length: number) =>
      variablesOf(
        Object.fromEntries([...Array(length)].map((_, n) => [`v${n}`, n === 0 ? 'end' : `$(v${n - 1})`])),
      );
    assert.deepEqual(chain(50).expand(), []);
    const deeper = chain(51);
    assert.deepEqual(deeper.expand(), [
      "Unable to expand variable 'v50'. The max expansion depth (50) was exceeded.",
    ]);
    assert.equal(deeper.get('v50'), '$(v49)');
    assert.equal(deeper.get('v49'), 'end');
  });

  it('are secret where they name a secret, and once secret stay so', () => {
    const secrets: string[] = [];
    const variables = new Variables((value) => secrets.push(value));
    variables.set('token', 't0ken', { secret: true });
    variables.set('header', 'Bearer $(token)');
    variables.expand();
    assert.equal(variables.all.find(({ name }) => name === 'header')?.secret, true);
    assert.ok(secrets.includes('Bearer t0ken'));
    variables.set('TOKEN', 'another');
    assert.equal(variables.all.find(({ name }) => name === 'TOKEN')?.secret, true);
    assert.ok(secrets.includes('another'));
  });

  it('are read-only once set so, and where the system sets them', () => {
    const variables = variablesOf({ 'Agent.TempDirectory': '/t', mine: '1' });
    variables.set('fixed', '1', { readOnly: true });
    assert.deepEqual(
      ['fixed', 'FIXED', 'agent.tempdirectory', 'mine', 'Agent.Version'].map((name) =>
        variables.isReadOnly(name),
      ),
      [true, true, true, false, false],
    );
  });

  it('become environment variables in upper case, points and spaces as underscores', () => {
    assert.equal(environmentName('Build.Source Branch'), 'BUILD_SOURCE_BRANCH');
    assert.equal(environmentName('Some.Name', true), 'Some_Name');
  });
});
