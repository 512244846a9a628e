import assert from 'node:assert/strict';
import {
  addClientIdCommand,
  chainTrustPolicyFor,
  createProviderCommand,
  trustPolicyFor,
} from '../../lib/identity/trust-policy.ts';
import { rolePoliciesSchema, trustPolicySchema } from '../../sandbox/aws/iam/policy-document.ts';
import { documents } from './documents.ts';
import { writeBlock } from './rewrite.ts';
import { claimsOf, deployer } from './trust.ts';

/** What the product itself writes for the claims in the documents, under the marks of the blocks. */
async function ownTexts(): Promise<Readonly<Record<string, string>>> {
  const [vstoken, entra] = [await claimsOf('vstoken'), await claimsOf('entra')];
  const policies = [trustPolicyFor(deployer, vstoken), trustPolicyFor(deployer, entra)];
  const [first, second] = policies.map((policy) => JSON.parse(policy));
  return {
    vstoken: policies[0] ?? '',
    entra: policies[1] ?? '',
    both: JSON.stringify({ ...first, Statement: [...first.Statement, ...second.Statement] }, null, 2),
    chain: chainTrustPolicyFor(deployer.arn, 'contoso-shop', false),
    'create provider': createProviderCommand(vstoken),
    'add audience': addClientIdCommand(deployer, vstoken),
  };
}

describe('policies and commands in the documents', () => {
  const marked = documents.flatMap(({ file, blocks }) =>
    blocks.flatMap((block) =>
      block.mark ? [{ ...block, file, kind: block.mark.kind, name: block.mark.name }] : [],
    ),
  );

  for (const { file, place, text, kind, name } of marked) {
    if (kind !== 'policy' && kind !== 'commands') continue;
    if (kind === 'policy') {
      it(`${place}: ${name} is a valid policy document`, () => {
        const policy = JSON.parse(text);
        const { error } = text.includes('"Principal"')
          ? trustPolicySchema.safeParse(policy)
          : rolePoliciesSchema.safeParse({ example: policy });
        assert.equal(error, undefined);
      });
    }
    it(`${place}: ${name} is what the product writes`, async () => {
      const own = (await ownTexts())[name];
      if (own === undefined) assert.ok(['may assume', 'setting up'].includes(name), 'the product writes it');
      else if (process.env.WRITE_DOCS) writeBlock(file, kind, name, own);
      else assert.equal(text, own);
    });
  }

  it('are all marked where they are policies', () => {
    const unmarked = documents
      .flatMap(({ blocks }) => blocks)
      .filter(
        ({ language, mark, text }) =>
          language === 'json' && mark === undefined && text.includes('"Statement"'),
      );
    assert.deepEqual(
      unmarked.map(({ place }) => place),
      [],
    );
  });
});
