import assert from 'node:assert/strict';
import { issuerRetirement } from '../../../../lib/identity/tokens/issuer-retirement.ts';
import { claims, tenant } from '../samples.ts';

describe('the retirement of an issuer', () => {
  it('is told of vstoken.dev.azure.com: when, what comes, and what is not known', () => {
    const text = issuerRetirement(claims.vstoken) ?? '';
    for (const said of [
      /2027-07-01/,
      /login\.microsoftonline\.com\/TENANT\/v2\.0/,
      /another subject and audience/,
      /not confirmed/,
      /docs\/trust\.md/,
    ]) {
      assert.match(text, said);
    }
  });

  for (const issuer of [
    claims.entra.issuer,
    `https://sts.windows.net/${tenant}/`,
    'https://vstoken.dev.azure.com.example/x',
  ]) {
    it(`is not told of ${issuer}`, () => {
      assert.equal(issuerRetirement({ ...claims.vstoken, issuer }), undefined);
    });
  }
});
