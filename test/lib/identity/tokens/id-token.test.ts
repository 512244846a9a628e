import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { DeliveryError } from '../../../../lib/errors/index.ts';
import { effectiveAudience, parseIdToken } from '../../../../lib/identity/tokens/id-token.ts';
import { claims, jwtOf, payloads } from '../samples.ts';

describe('an ID token', () => {
  for (const issuer of ['vstoken', 'entra'] as const) {
    it(`of the issuer ${issuer} says who it is for`, () => {
      assert.deepEqual(parseIdToken(jwtOf(payloads[issuer])).claims, claims[issuer]);
    });
  }

  it('is given out only on purpose', () => {
    const jwt = jwtOf(payloads.vstoken);
    const token = parseIdToken(jwt);
    assert.equal(token.value.reveal(), jwt);
    for (const text of [`${token.value}`, JSON.stringify(token), inspect(token), String(token.value)]) {
      assert(!text.includes(jwt.slice(0, 20)), text);
      assert(!text.includes('c2lnbmF0dXJl'), text);
    }
  });

  it('for several audiences shows them all', () => {
    assert.equal(parseIdToken(jwtOf({ ...payloads.vstoken, aud: ['a', 'b'] })).claims.audience, 'a b');
  });

  it('may lack everything that AWS does not need', () => {
    const { iat, nbf, ...rest } = payloads.vstoken;
    assert(iat && nbf);
    const { issuedAt, notBefore, authorizedParty } = parseIdToken(jwtOf(rest)).claims;
    assert.deepEqual([issuedAt, notBefore, authorizedParty], [undefined, undefined, undefined]);
  });

  it('has the audience that IAM compares: its azp where it has one', () => {
    assert.equal(effectiveAudience(claims.vstoken), 'api://AzureADTokenExchange');
    assert.equal(effectiveAudience(claims.entra), '499b84ac-1321-427f-aa17-267ca6975798');
  });

  const { iss, sub, aud, exp } = payloads.vstoken;
  const malformed: Record<string, string> = {
    'no text': '',
    'a single part': 'eyJhbGciOiJSUzI1NiJ9',
    'two parts': jwtOf(payloads.vstoken).split('.').slice(0, 2).join('.'),
    'four parts': `${jwtOf(payloads.vstoken)}.x`,
    'a payload that is no JSON': `a.${Buffer.from('nope').toString('base64url')}.c`,
    'an HTML page': '<html><body>Sign in</body></html>',
    'a payload that is null': jwtOf(null),
    'a payload that is a list': jwtOf([payloads.vstoken]),
    'no issuer': jwtOf({ sub, aud, exp }),
    'no subject': jwtOf({ iss, aud, exp }),
    'no audience': jwtOf({ iss, sub, exp }),
    'an empty list of audiences': jwtOf({ iss, sub, aud: [], exp }),
    'no end': jwtOf({ iss, sub, aud }),
    'an end in words': jwtOf({ iss, sub, aud, exp: 'tomorrow' }),
    'an end beyond all time': jwtOf({ iss, sub, aud, exp: 1e300 }),
    'a beginning before all time': jwtOf({ iss, sub, aud, exp, nbf: -1 }),
    'a subject that is no text': jwtOf({ iss, sub: 7, aud, exp }),
  };
  for (const [what, jwt] of Object.entries(malformed)) {
    it(`is refused with ${what}, and nothing of it is shown`, () => {
      assert.throws(
        () => parseIdToken(jwt),
        (error) => {
          assert(error instanceof DeliveryError);
          assert.equal(error.code, 'ID_TOKEN_MALFORMED');
          assert(!jwt || !JSON.stringify(error.fault).includes(jwt));
          return true;
        },
      );
    });
  }
});
