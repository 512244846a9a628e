// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like JavaScript's
import assert from 'node:assert/strict';
import { matchesPattern, plainText } from '../../../../sandbox/aws/iam/pattern.ts';
import { expand, type LanguageVersion, readTemplate } from '../../../../sandbox/aws/iam/policy-variables.ts';
import { requestContext } from '../../../../sandbox/aws/iam/request-context.ts';

const context = requestContext(
  [
    ['aws:username', 'alice'],
    ['aws:PrincipalTag/team', 'a*'],
    ['aws:TagKeys', ['one', 'two']],
  ],
  (key) => key !== 'aws:sourcevpc',
);

function expanded(text: string, version: LanguageVersion = '2012-10-17'): string {
  const reading = readTemplate(text, version);
  if ('fault' in reading) return `fault: ${reading.fault}`;
  const expansion = expand(reading.template, context);
  return typeof expansion === 'string' ? expansion : plainText(expansion.pattern);
}

const table: readonly [text: string, comesTo: string][] = [
  ['', ''],
  ['plain', 'plain'],
  ['home/$aws:username', 'home/$aws:username'],
  ['home/{aws:username}', 'home/{aws:username}'],
  ['home/${aws:username}', 'home/alice'],
  ['${AWS:UserName}', 'alice'],
  ['${aws:username}-${aws:username}', 'alice-alice'],
  ['a${*}b${?}c${$}', 'a*b?c$'],
  ['${$}{aws:username}', '${aws:username}'],
  ["${aws:username, 'nobody'}", 'alice'],
  ["team-${aws:PrincipalTag/none, 'company-wide'}", 'team-company-wide'],
  ["${aws:PrincipalTag/none, ''}", ''],
  ['${aws:PrincipalTag/none}', 'no value'],
  ['${aws:SourceVpc}', 'unknown'],
  // A list has no one value to put.
  ['${aws:TagKeys}', 'unknown'],
  [
    '${aws:username',
    'fault: The policy variable is missing a closing curly brace. Add } after the variable text.',
  ],
  [
    '${}',
    'fault: Empty policy variable. Remove the ${ } variable structure or provide a variable within the structure.',
  ],
  [
    '${ }',
    'fault: Empty policy variable. Remove the ${ } variable structure or provide a variable within the structure.',
  ],
  ['${aws:user name}', 'fault: A space is not supported within the policy variable text. Remove the space.'],
  ['${ aws:username}', 'fault: A space is not supported within the policy variable text. Remove the space.'],
  ['${username}', 'fault: The condition key format is not valid. Use the format service:keyname.'],
  [
    '${aws:username, nobody}',
    'fault: The policy variable default value must begin and end with a single quote. Add the missing quote.',
  ],
  [
    "${aws:username,'nobody'}",
    'fault: The policy variable default value must begin and end with a single quote. Add the missing quote.',
  ],
  [
    "${aws:username, 'nobody}",
    'fault: The policy variable default value must begin and end with a single quote. Add the missing quote.',
  ],
];

describe('policy variables', () => {
  for (const [text, comesTo] of table) {
    it(`${JSON.stringify(text)} comes to ${JSON.stringify(comesTo)}`, () =>
      assert.equal(expanded(text), comesTo));
  }

  it('are texts like any other before 2012-10-17', () => {
    assert.equal(expanded('${aws:username} ${', '2008-10-17'), '${aws:username} ${');
  });

  it("are never wildcards by their value's characters", () => {
    const reading = readTemplate('${aws:PrincipalTag/team}-*', '2012-10-17');
    assert.ok('template' in reading);
    const expansion = expand(reading.template, context);
    assert.ok(typeof expansion === 'object');
    assert.equal(matchesPattern('a*-1', expansion.pattern), true);
    assert.equal(matchesPattern('abc-1', expansion.pattern), false);
  });
});
