import assert from 'node:assert/strict';
import { readInputs } from '../../../../lib/agent/index.ts';
import { DeliveryError } from '../../../../lib/errors/index.ts';
import { readSessionRestrictions } from '../../../../lib/identity/inputs/session-restrictions.ts';
import { agentOf } from '../../agent/job-environment.ts';
import { unrestricted } from '../samples.ts';

type Inputs = Readonly<Record<string, string>>;

/** By default two roles, the first of them with an ID token. */
function read(inputs: Inputs, roles = 2, federated = true) {
  const reader = readInputs(agentOf({ inputs }));
  const restrictions = readSessionRestrictions(reader, roles, federated);
  reader.finish();
  return restrictions;
}

function faultsOf(inputs: Inputs, roles?: number, federated?: boolean): string {
  try {
    read(inputs, roles, federated);
  } catch (error) {
    assert(error instanceof DeliveryError);
    assert.equal(error.code, 'INPUT_INVALID');
    return `${error.fault.what}\n${error.fault.why ?? ''}`;
  }
  assert.fail('no fault was found');
}

const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');
const policyOf = (length: number) => {
  const bare = JSON.stringify({ Version: '2012-10-17', Id: '' }).length;
  return JSON.stringify({ Version: '2012-10-17', Id: 'x'.repeat(length - bare) });
};

describe('what restricts a session', () => {
  it('is nothing where nothing is said', () => assert.deepEqual(read({}, 0, false), unrestricted));

  it('is read with all its parts', () => {
    assert.deepEqual(
      read({
        sessionTags: ' project = shop \r\n\nurl=https://a.example/b=c\nempty=\nStraße = Köln ',
        transitiveTagKeys: 'project, url',
        sessionPolicy: '{\n  "Version": "2012-10-17",\n  "Statement": []\n}',
        sessionPolicyArns: 'arn:aws:iam::aws:policy/ReadOnlyAccess\narn:aws:iam::111122223333:policy/a/b',
      }),
      {
        tags: { project: 'shop', url: 'https://a.example/b=c', empty: '', Straße: 'Köln' },
        transitiveTagKeys: ['project', 'url'],
        policy: '{"Version":"2012-10-17","Statement":[]}',
        policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess', 'arn:aws:iam::111122223333:policy/a/b'],
      },
    );
  });

  describe('is as much as AWS takes, and not one more', () => {
    // STS API Reference, AssumeRole and Tag.
    const limits: Record<string, [most: number, input: string, of: (amount: number) => string]> = {
      'session tags': [50, 'sessionTags', (count) => lines(count, (index) => `k${index}=v`)],
      'characters of a key': [128, 'sessionTags', (length) => `${'k'.repeat(length)}=v`],
      'characters of a value': [256, 'sessionTags', (length) => `k=${'v'.repeat(length)}`],
      'characters of a policy': [2048, 'sessionPolicy', policyOf],
      'managed policies': [
        10,
        'sessionPolicyArns',
        (count) => lines(count, (index) => `arn:aws:iam::aws:policy/p${index}`),
      ],
    };
    for (const [what, [most, input, of]] of Object.entries(limits)) {
      it(`${most} ${what}`, () => {
        read({ [input]: of(most) });
        assert.match(faultsOf({ [input]: of(most + 1) }), new RegExp(`input ${input}`));
      });
    }

    it('a policy counted without its white space', () => {
      read({ sessionPolicy: `${policyOf(2048).slice(0, -1)}${' \n'.repeat(500)}}` });
    });
  });

  describe('on a hop that cannot carry it is a fault:', () => {
    const tags = { sessionTags: 'project=shop' };
    const policy = { sessionPolicy: '{}' };
    const policyArns = { sessionPolicyArns: 'arn:aws:iam::aws:policy/ReadOnlyAccess' };
    const carried: [what: string, inputs: Inputs, roles: number, federated: boolean, carried: boolean][] = [
      ['tags on the only role of an ID token', tags, 1, true, false],
      ['tags on the second role of an ID token', tags, 2, true, true],
      ['tags on the only role of keys', tags, 1, false, true],
      ['tags without a role', tags, 0, false, false],
      ['a policy on the only role of an ID token', policy, 1, true, true],
      ['a policy on the only role of keys', policy, 1, false, true],
      ['a policy without a role', policy, 0, false, false],
      ['managed policies without a role', policyArns, 0, false, false],
    ];
    for (const [what, inputs, roles, federated, allowed] of carried) {
      it(`${what}: ${allowed ? 'no' : 'yes'}`, () => {
        if (allowed) read(inputs, roles, federated);
        else assert.match(faultsOf(inputs, roles, federated), new RegExp(`input ${Object.keys(inputs)[0]}:`));
      });
    }
  });

  const wrong: Record<string, [inputs: Inputs, text: RegExp]> = {
    'a tag without an equals sign': [{ sessionTags: 'project' }, /"project" is not of the form key=value/],
    'a tag without a key': [{ sessionTags: ' =shop' }, /"=shop" is not of the form key=value/],
    'a tag twice': [{ sessionTags: 'a=1\na=2' }, /names "a" twice/],
    'a tag twice in another letter case': [{ sessionTags: 'Team=1\nteam=2' }, /names "team" twice/],
    'a key with other characters': [{ sessionTags: 'a;b=c' }, /"a;b" has a key/],
    'a value with other characters': [{ sessionTags: 'a=<b>' }, /"a" has a key/],
    'a key of AWS': [{ sessionTags: 'AWS:x=1' }, /"AWS:x" begins with aws:/],
    'a transitive key that is no tag': [
      { sessionTags: 'a=1', transitiveTagKeys: 'a,b' },
      /transitiveTagKeys: "b" is no key/,
    ],
    'a transitive key that only every object has': [
      { sessionTags: 'a=1', transitiveTagKeys: 'constructor' },
      /transitiveTagKeys: "constructor" is no key/,
    ],
    'a policy that is no JSON': [{ sessionPolicy: '{"Version": }' }, /sessionPolicy is no JSON: /],
    'an ARN of no policy': [
      { sessionPolicyArns: 'arn:aws:iam::111122223333:role/x' },
      /"arn:aws:iam::111122223333:role\/x" is no ARN of a managed policy/,
    ],
    'a policy by its name': [{ sessionPolicyArns: 'ReadOnlyAccess' }, /"ReadOnlyAccess" is no ARN/],
  };
  for (const [what, [inputs, text]] of Object.entries(wrong)) {
    it(`cannot be ${what}`, () => assert.match(faultsOf(inputs), text));
  }
});
