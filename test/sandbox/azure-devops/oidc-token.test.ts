import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { type Sandbox, type SandboxJob, startSandbox } from '../../../sandbox/sandbox.ts';
import { contoso, entraId, productionId, projectId } from '../contoso.ts';
import { type Answered, ask } from '../proxied-client.ts';
import { askForToken, openJob } from './contoso-job.ts';

const stranger = '11111111-2222-4333-8444-555555555555';
const typeKeyOf = ({ text }: Answered) => JSON.parse(text).typeKey;
const subjectOf = ({ text }: Answered) => decodeJwt(JSON.parse(text).oidcToken).sub;

describe('sandbox/azure-devops: the token endpoint', () => {
  let sandbox: Sandbox;
  let job: SandboxJob;
  beforeEach(async () => {
    sandbox = await startSandbox(contoso());
    job = openJob(sandbox);
  });
  afterEach(() => sandbox.close());

  describe('a job', () => {
    it('has what the agent gives to tasks', () => {
      assert.equal(sandbox.collectionUri, 'https://dev.azure.com/contoso/');
      assert.equal(job.projectId, projectId);
      assert.equal(job.projectName, 'shop');
      assert.equal(
        job.oidcRequestUri,
        `https://dev.azure.com/contoso/${projectId}/_apis/distributedtask/hubs/build/plans/${job.planId}/jobs/${job.jobId}/oidctoken`,
      );
      const release = openJob(sandbox, { hub: 'release' });
      assert.match(release.oidcRequestUri, /\/hubs\/release\/plans\//);
      assert.notEqual(release.planId, job.planId);
      assert.notEqual(release.accessToken, job.accessToken);
    });

    it('gets a token in its hub', async () => {
      for (const hub of ['build', 'release'] as const) {
        const answer = await askForToken(sandbox, openJob(sandbox, { hub }));
        assert.equal(answer.status, 200);
        assert.match(String(answer.headers['content-type']), /^application\/json/);
        assert.deepEqual(Object.keys(JSON.parse(answer.text)), ['oidcToken']);
      }
    });

    it('gets none once it is closed', async () => {
      job.close();
      assert.equal((await askForToken(sandbox, job)).status, 401);
    });
  });

  describe('without a living access token', () => {
    const bad: readonly [string, string | undefined][] = [
      ['none', undefined],
      ['an unknown one', 'Bearer abc'],
      ['an empty one', 'Bearer '],
      ['another scheme', `Basic ${Buffer.from(':token').toString('base64')}`],
    ];
    for (const [what, authorization] of bad) {
      it(`says 401 to those who ask not to be redirected: ${what}`, async () => {
        const answer = await askForToken(sandbox, job, { headers: { authorization } });
        assert.equal(answer.status, 401);
        assert.equal(typeKeyOf(answer), 'UnauthorizedRequestException');
        assert.match(String(answer.headers['www-authenticate']), /^Bearer authorization_uri=/);
      });

      it(`redirects all others to a sign-in page: ${what}`, async () => {
        const headers = { authorization, 'x-tfs-fedauthredirect': undefined };
        const answer = await askForToken(sandbox, job, { headers });
        assert.equal(answer.status, 302);
        const location = String(answer.headers.location);
        assert.equal(new URL(location).searchParams.get('reply_to')?.split('?')[0], job.oidcRequestUri);
        const page = await ask(sandbox, location);
        assert.equal(page.status, 203, 'a success, to who reads the status only');
        assert.match(page.text, /Azure DevOps Services \| Sign In/);
      });
    }

    it('takes no token from the Basic scheme, not even the right one', async () => {
      const authorization = `Basic ${Buffer.from(`:${job.accessToken}`).toString('base64')}`;
      assert.equal((await askForToken(sandbox, job, { headers: { authorization } })).status, 401);
    });
  });

  describe('api-version', () => {
    for (const version of ['7.1', '7.1-preview', '7.1-preview.1', '7.2-preview.1']) {
      it(`may be ${version}, in the query or in Accept`, async () => {
        const id = `serviceConnectionId=${productionId}`;
        assert.equal(
          (await askForToken(sandbox, job, { query: `${id}&api-version=${version}` })).status,
          200,
        );
        const headers = { accept: `application/json;api-version=${version}` };
        assert.equal((await askForToken(sandbox, job, { query: id, headers })).status, 200);
      });
    }
    const wrong: readonly [string, string, RegExp][] = [
      ['', 'VssVersionNotSpecifiedException', /^No api-version was supplied for the "POST" request\./],
      ['api-version=', 'VssVersionNotSpecifiedException', /^No api-version/],
      [
        'api-version=latest',
        'VssInvalidApiResourceVersionException',
        /^Invalid api version string: "latest"/,
      ],
      ['api-version=7.0', 'VssVersionOutOfRangeException', /REST API version 7\.0 was outside/],
      ['api-version=6.1-preview.1', 'VssVersionOutOfRangeException', /6\.1-preview\.1/],
      ['api-version=7.3-preview', 'VssVersionOutOfRangeException', /version of 7\.3 is out of range/],
      ['api-version=8.0', 'VssVersionOutOfRangeException', /version of 8\.0 is out of range/],
      [
        'api-version=7.2',
        'VssInvalidPreviewVersionException',
        /^The requested version "7\.2" .* under preview/,
      ],
    ];
    for (const [query, typeKey, message] of wrong) {
      it(`is refused: ${query || 'none'}`, async () => {
        const answer = await askForToken(sandbox, job, { query });
        assert.equal(answer.status, 400);
        assert.equal(typeKeyOf(answer), typeKey);
        assert.match(JSON.parse(answer.text).message, message);
      });
    }
  });

  describe('the connection', () => {
    const asking = (id: string, of = job) =>
      askForToken(sandbox, of, { query: `api-version=7.1&serviceConnectionId=${id}` });

    it('is found by its GUID in any case', async () => {
      assert.equal(subjectOf(await asking(productionId.toUpperCase())), 'sc://contoso/shop/aws-production');
      const shouted = openJob(sandbox, { connections: [productionId.toUpperCase()] });
      assert.equal(subjectOf(await asking(productionId, shouted)), 'sc://contoso/shop/aws-production');
    });

    for (const id of ['aws-production', `{${productionId}}`, `${productionId}x`, '']) {
      it(`is passed over in silence when it is no GUID: "${id}"`, async () => {
        assert.equal(subjectOf(await asking(encodeURIComponent(id))), 'p://contoso/shop/release');
      });
    }

    it('must be named by an input of this job', async () => {
      const other = openJob(sandbox, { connections: [entraId], identifier: 'Deploy.Production.__default' });
      const answer = await asking(productionId, other);
      assert.equal(answer.status, 404);
      const value = `There is no explicit reference to service connection ${productionId} from current stage Deploy.Production.__default.`;
      assert.deepEqual(JSON.parse(answer.text), { count: value.length, value });
      assert.equal((await asking(entraId, other)).status, 200);
    });

    it('must be there', async () => {
      assert.equal((await asking(stranger)).status, 404);
      const hopeful = openJob(sandbox, { connections: [stranger] });
      assert.equal((await asking(stranger, hopeful)).status, 404);
    });
  });

  describe('the path', () => {
    const elsewhere: readonly [string, (uri: string) => string, string | undefined][] = [
      ['another organisation', (uri) => uri.replace('/contoso/', '/fabrikam/'), undefined],
      ['another project', (uri) => uri.replace(projectId, stranger), 'ProjectDoesNotExistException'],
      [
        'another hub',
        (uri) => uri.replace('/hubs/build/', '/hubs/release/'),
        'TaskOrchestrationPlanNotFoundException',
      ],
      [
        'another plan',
        (uri) => uri.replace(/plans\/[^/]+/, `plans/${stranger}`),
        'TaskOrchestrationPlanNotFoundException',
      ],
      [
        'another job',
        (uri) => uri.replace(/jobs\/[^/]+/, `jobs/${stranger}`),
        'TaskOrchestrationJobNotFoundException',
      ],
      ['no job', (uri) => uri.replace(/\/jobs\/[^/]+/, ''), undefined],
      ['another resource', (uri) => uri.replace('oidctoken', 'logs'), undefined],
    ];
    for (const [what, change, typeKey] of elsewhere) {
      it(`leads nowhere: ${what}`, async () => {
        const answer = await askForToken(sandbox, job, { uri: change(job.oidcRequestUri) });
        assert.equal(answer.status, 404);
        assert.equal(typeKeyOf(answer), typeKey);
      });
    }

    it("of another job that runs is closed to this job's token", async () => {
      const other = openJob(sandbox);
      const answer = await askForToken(sandbox, job, { uri: other.oidcRequestUri });
      assert.equal(answer.status, 404);
      assert.match(
        JSON.parse(answer.text).message,
        new RegExp(`^No plan found for identifier ${other.planId}\\.`),
      );
    });

    it('may be written in any case', async () => {
      const uri = job.oidcRequestUri.replace('/_apis/', '/_APIS/').replace('/hubs/build/', '/hubs/Build/');
      assert.equal((await askForToken(sandbox, job, { uri })).status, 200);
    });
  });

  describe('method and body', () => {
    it('are POST', async () => {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const answer = await askForToken(sandbox, job, { method });
        assert.equal(answer.status, 405);
        assert.equal(answer.headers.allow, 'POST');
      }
    });

    for (const body of ['{}', '', '{"audience":"ignored"}']) {
      it(`are taken: ${body || 'nothing'}`, async () => {
        const answer = await askForToken(sandbox, job, { body });
        assert.equal(answer.status, 200);
        assert.equal(decodeJwt(JSON.parse(answer.text).oidcToken).aud, 'api://AzureADTokenExchange');
      });
    }

    for (const body of ['{', '[]', 'null', '"{}"', '{"a":1}', '{"a":{}}']) {
      it(`are refused: ${body}`, async () => {
        assert.equal((await askForToken(sandbox, job, { body })).status, 400);
      });
    }

    it('are refused in another content type', async () => {
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', undefined]) {
        const answer = await askForToken(sandbox, job, { headers: { 'content-type': type } });
        assert.equal(answer.status, 400);
        assert.equal(typeKeyOf(answer), 'VssRequestContentTypeNotSupportedException');
      }
      const headers = { 'content-type': 'application/json; charset=utf-8' };
      assert.equal((await askForToken(sandbox, job, { headers })).status, 200);
    });
  });
});
