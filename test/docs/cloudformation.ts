/** As much of CloudFormation as examples/trust/cloudformation.yml uses: parameters, conditions and functions. */
import assert from 'node:assert/strict';
import { isMap, isScalar, isSeq, type Node, parseDocument, type YAMLMap } from 'yaml';

/**
 * The resources that a template makes with these parameters, under their logical names, properties evaluated.
 *
 * @throws AssertionError where a parameter is unknown or breaks its pattern, or the template uses what is not known here
 */
export function evaluateTemplate(
  text: string,
  given: Readonly<Record<string, string>>,
): Record<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }> {
  // The functions are tags, which stay on the nodes.
  const template = parseDocument(text, { logLevel: 'silent' });
  assert.deepEqual(template.errors, []);
  const parameters = readParameters(mapAt(template, 'Parameters'), given);
  const conditions = mapAt(template, 'Conditions');
  const resources = mapAt(template, 'Resources');

  const scope: Scope = {
    reference: (name) => {
      if (name in pseudoParameters) return pseudoParameters[name];
      if (parameters.has(name)) return parameters.get(name);
      assert.equal(resources.getIn([name, 'Type']), 'AWS::IAM::OIDCProvider', `${name} can be referred to`);
      // What Ref of an OIDCProvider is: its ARN.
      const url = String(evaluate(resources.getIn([name, 'Properties', 'Url'], true), scope));
      return `arn:aws:iam::111122223333:oidc-provider/${url.replace('https://', '')}`;
    },
    condition: (name) => {
      assert.ok(conditions.has(name), `there is a condition ${name}`);
      return evaluate(conditions.get(name, true), scope) === true;
    },
  };
  return Object.fromEntries(
    resources.items.flatMap(({ key, value }) => {
      assert.ok(isMap(value));
      const condition = value.get('Condition');
      if (condition !== undefined && !scope.condition(String(condition))) return [];
      const properties = evaluate(value.get('Properties', true), scope);
      return [
        [String(key), { Type: String(value.get('Type')), Properties: properties as Record<string, unknown> }],
      ];
    }),
  );
}

const pseudoParameters: Readonly<Record<string, unknown>> = {
  'AWS::Partition': 'aws',
  'AWS::AccountId': '111122223333',
  'AWS::NoValue': undefined,
};

interface Scope {
  readonly reference: (name: string) => unknown;
  readonly condition: (name: string) => boolean;
}

function readParameters(declared: YAMLMap, given: Readonly<Record<string, string>>): Map<string, unknown> {
  for (const name of Object.keys(given)) assert.ok(declared.has(name), `there is a parameter ${name}`);
  return new Map(
    declared.items.map(({ key, value }) => {
      assert.ok(isMap(value));
      const name = String(key);
      const text = given[name] ?? value.get('Default');
      assert.ok(typeof text === 'string', `the parameter ${name} has a value`);
      const pattern = value.get('AllowedPattern');
      if (pattern !== undefined) assert.match(text, new RegExp(`^(?:${pattern})$`), name);
      return [name, value.get('Type') === 'CommaDelimitedList' ? text.split(',') : text];
    }),
  );
}

function evaluate(node: unknown, scope: Scope): unknown {
  if (isScalar(node)) {
    if (node.tag === '!Ref') return scope.reference(String(node.value));
    if (node.tag === '!Sub') return substitute(String(node.value), {}, scope);
    assert.ok(!node.tag?.startsWith('!'), `${node.tag} is known here`);
    return node.value;
  }
  if (isSeq(node)) {
    const items = node.items as Node[];
    if (node.tag?.startsWith('!')) return call(node.tag, items, scope);
    return items.map((item) => evaluate(item, scope));
  }
  assert.ok(isMap(node));
  const entries = node.items.map(({ key, value }) => [String(key), evaluate(value, scope)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html */
function call(name: string, nodes: readonly Node[], scope: Scope): unknown {
  // Of the two branches only the one that counts is looked at: the other may refer to what is not there.
  if (name === '!If')
    return evaluate(scope.condition(String(evaluate(nodes[0], scope))) ? nodes[1] : nodes[2], scope);
  const [first, second] = nodes.map((node) => evaluate(node, scope));
  switch (name) {
    case '!Sub':
      return substitute(String(first), second as Readonly<Record<string, unknown>>, scope);
    case '!Join':
      return (second as unknown[]).join(String(first));
    case '!Select':
      return (second as unknown[])[Number(first)];
    case '!Split':
      return String(second).split(String(first));
    case '!Equals':
      return first === second;
    case '!Not':
      return first !== true;
    default:
      throw new assert.AssertionError({ message: `${name} is not known here` });
  }
}

function substitute(text: string, own: Readonly<Record<string, unknown>>, scope: Scope): string {
  return text.replace(/\$\{([\w:]+)\}/g, (_, name) =>
    String(name in own ? own[name] : scope.reference(name)),
  );
}

function mapAt(template: { get(key: string): unknown }, key: string): YAMLMap {
  const map = template.get(key);
  assert.ok(isMap(map), `the template has ${key}`);
  return map;
}
