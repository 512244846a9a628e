import assert from 'node:assert/strict';
import type { DeliveryError } from '../../../../lib/errors/index.ts';
import {
  managedIdentityRequest,
  managedIdentitySource,
  readManagedIdentityAnswer,
} from '../../../../lib/identity/tokens/managed-identity.ts';
import { jwtOf, managedIdentity, payloads, tenant } from '../samples.ts';

const resource = 'api://AzureADTokenExchange';
const systemAssigned = { ...managedIdentity, clientId: undefined };

describe('the token endpoint of a managed identity', () => {
  it("is a virtual machine's metadata service", () => {
    assert.deepEqual(managedIdentitySource({}, resource, 'c1'), { ...managedIdentity, clientId: 'c1' });
  });

  for (const host of ['http://127.0.0.1:4040', 'http://127.0.0.1:4040/']) {
    it(`stands elsewhere where AZURE_POD_IDENTITY_AUTHORITY_HOST says ${host}`, () => {
      const source = managedIdentitySource({ AZURE_POD_IDENTITY_AUTHORITY_HOST: host }, resource, undefined);
      assert.equal(source.url, 'http://127.0.0.1:4040/metadata/identity/oauth2/token');
    });
  }

  it("is App Service's own where it gives one, with its secret header", () => {
    const environment = { IDENTITY_ENDPOINT: 'http://127.0.0.1:41741/msi/token', IDENTITY_HEADER: 'secret' };
    const source = managedIdentitySource(environment, resource, undefined);
    assert.equal(source.url, environment.IDENTITY_ENDPOINT);
    assert.deepEqual(source.headers, { 'x-identity-header': 'secret' });
    assert.equal(source.apiVersion, '2019-08-01');
  });

  it('takes both variables of App Service, or the metadata service', () => {
    assert.equal(
      managedIdentitySource({ IDENTITY_ENDPOINT: 'http://x' }, resource, 'c1').apiVersion,
      '2018-02-01',
    );
  });
});

describe('asking for a token of a managed identity', () => {
  it('names version, resource and client, with the header that no redirect carries', () => {
    const { method, url, headers, body } = managedIdentityRequest(managedIdentity);
    assert.deepEqual([method, body], ['GET', undefined]);
    assert.equal(url.origin + url.pathname, managedIdentity.url);
    assert.deepEqual(Object.fromEntries(url.searchParams), {
      'api-version': '2018-02-01',
      resource,
      client_id: managedIdentity.clientId,
    });
    assert.deepEqual(headers, { metadata: 'true' });
  });

  it('names no client for a system-assigned one', () => {
    assert(!managedIdentityRequest(systemAssigned).url.searchParams.has('client_id'));
  });
});

describe('the answer for a managed identity', () => {
  const read = (status: number, body: unknown, source = managedIdentity, masked: string[] = []) =>
    readManagedIdentityAnswer(
      { status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body) },
      source,
      (secret) => masked.push(secret),
    );
  const jwt = jwtOf({ ...payloads.vstoken, iss: `https://sts.windows.net/${tenant}/`, aud: resource });

  it('is a token, masked before it is read', () => {
    const masked: string[] = [];
    const { claims } = read(
      200,
      { access_token: jwt, expires_in: '86399', token_type: 'Bearer' },
      managedIdentity,
      masked,
    );
    assert.equal(claims.issuer, `https://sts.windows.net/${tenant}/`);
    assert.deepEqual(masked, [jwt]);
    assert.throws(() => read(200, { access_token: 'opaque' }, managedIdentity, masked), {
      code: 'ID_TOKEN_MALFORMED',
    });
    assert.equal(masked.at(-1), 'opaque');
  });

  // Azure docs, "How to use managed identities … on an Azure VM to acquire an access token", error handling.
  const notFound = { error: 'invalid_request', error_description: 'Identity not found' };
  const several = {
    error: 'invalid_request',
    error_description:
      'Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request',
  };
  const refusals: Record<
    string,
    [status: number, body: unknown, texts: RegExp[], source?: typeof systemAssigned]
  > = {
    'that there is no system-assigned identity': [
      400,
      notFound,
      [
        /the system-assigned managed identity \(status 400\)/,
        /Identity not found/,
        /az vm identity assign .*--name MACHINE"/,
      ],
      systemAssigned,
    ],
    'that the named one is not there': [
      400,
      notFound,
      [new RegExp(`managed identity ${managedIdentity.clientId}`), /--identities IDENTITY/],
    ],
    'that there are several': [400, several, [/managedIdentityClientId/], systemAssigned],
    'that nobody knows the resource': [
      400,
      {
        error: 'invalid_resource',
        error_description: 'AADSTS500011: The resource principal named x was not found',
      },
      [/AADSTS500011/, /Application ID URI is api:\/\/AzureADTokenExchange/, /managedIdentityResource/],
    ],
    'for a reason without a description': [
      400,
      { error: 'bad_request_102' },
      [/Azure said: bad_request_102"/, /Azure portal/],
    ],
    'with a page of something else': [403, '<html></html>', [/status 403/, /something else may answer/]],
    'with a token and no success': [403, { access_token: jwt }, [/status 403/]],
    'with success and no token': [200, {}, [/status 200/]],
    'with an empty token': [200, { access_token: '' }, [/status 200/]],
  };
  for (const [what, [status, body, texts, source]] of Object.entries(refusals)) {
    it(`may be a refusal ${what}`, () => {
      assert.throws(
        () => read(status, body, source ?? managedIdentity),
        ({ code, fault }: DeliveryError) => {
          assert.equal(code, 'MANAGED_IDENTITY_REFUSED');
          const text = JSON.stringify(fault);
          for (const expected of texts) assert.match(text, expected);
          assert(!text.includes(jwt));
          return true;
        },
      );
    });
  }
});
