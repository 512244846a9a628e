import assert from 'node:assert/strict';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { stsEndpoint } from '../../../lib/aws/sts-endpoint.ts';
import { regions } from './regions.ts';

// The SDK's notice about coming Node versions says nothing to a reader of test results.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

/** Where the SDK's own client would send a request to, or undefined where its rules refuse the combination. */
async function sdkEndpoint(region: string, useFipsEndpoint: boolean, useDualstackEndpoint: boolean) {
  let host: string | undefined;
  const client = new STSClient({
    region,
    useFipsEndpoint,
    useDualstackEndpoint,
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' },
    maxAttempts: 1,
    requestHandler: {
      metadata: { handlerProtocol: 'http/1.1' },
      handle: async (request: { protocol: string; hostname: string }) => {
        host = `${request.protocol}//${request.hostname}/`;
        throw new Error('seen');
      },
    } as never,
  });
  await assert.rejects(client.send(new GetCallerIdentityCommand({})));
  return host;
}

describe('the endpoint of STS', () => {
  for (const [fips, dualStack] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const) {
    const kind = [fips && 'FIPS', dualStack && 'dual-stack'].filter(Boolean).join(' and ') || 'ordinary';
    it(`(${kind}) is the SDK's in every region`, async () => {
      const environment = {
        AWS_USE_FIPS_ENDPOINT: `${fips}`,
        AWS_USE_DUALSTACK_ENDPOINT: dualStack ? 'True' : '',
      };
      for (const region of Object.values(regions).flat()) {
        const theirs = await sdkEndpoint(region, fips, dualStack);
        if (theirs) assert.equal(stsEndpoint(region, environment).href, theirs);
      }
    });
  }

  it("is the configured one where there is one, the service's own before the general one", () => {
    const general = { AWS_ENDPOINT_URL: 'http://localhost:4566' };
    const own = { ...general, AWS_ENDPOINT_URL_STS: 'https://sts.internal/path' };
    assert.equal(stsEndpoint('eu-west-1', general).href, 'http://localhost:4566/');
    assert.equal(stsEndpoint('eu-west-1', own).href, 'https://sts.internal/path');
    const ignored = { ...own, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' };
    assert.equal(stsEndpoint('eu-west-1', ignored).href, 'https://sts.eu-west-1.amazonaws.com/');
  });
});
