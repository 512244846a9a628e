import assert from 'node:assert/strict';
import type { DeliveryError } from '../../../../lib/errors/index.ts';
import { azureDevOpsSource } from '../../../../lib/identity/tokens/azure-devops.ts';
import { agentOf, type Job } from '../../agent/job-environment.ts';
import { connectionId } from '../samples.ts';

const oidcRequestUri =
  'https://dev.azure.com/contoso/3f1b/_apis/distributedtask/hubs/build/plans/7a/jobs/9c/oidctoken';
const job = {
  variables: { 'System.OidcRequestUri': oidcRequestUri },
  connections: { SYSTEMVSSCONNECTION: { parameters: { AccessToken: 'job-token' } } },
} satisfies Job;

describe('the source of ID tokens', () => {
  const codeOf = (code: string, text?: RegExp) => (error: DeliveryError) =>
    error.code === code && (!text || text.test(JSON.stringify(error.fault)));

  it("is the job's own address and access token", () => {
    assert.deepEqual(azureDevOpsSource(agentOf(job), connectionId), {
      kind: 'azureDevOps',
      url: oidcRequestUri,
      connectionId,
      accessToken: 'job-token',
    });
  });

  it('takes the access token from System.AccessToken where the connection has none', () => {
    const agent = agentOf({ variables: job.variables, secrets: { 'System.AccessToken': 'other-token' } });
    assert.equal(azureDevOpsSource(agent, connectionId).accessToken, 'other-token');
  });

  const longForm = {
    'System.CollectionUri': 'https://dev.azure.com/contoso/',
    'System.TeamProjectId': '3f1b0f52-0000-4000-8000-000000000001',
    'System.HostType': 'release',
    'System.PlanId': '7a1b0f52-0000-4000-8000-000000000002',
    'System.JobId': '9c1b0f52-0000-4000-8000-000000000003',
  };
  for (const collection of ['https://dev.azure.com/contoso/', 'https://contoso.visualstudio.com']) {
    it(`is put together where the agent does not name it, below ${collection}`, () => {
      const variables = { ...longForm, 'System.CollectionUri': collection };
      assert.equal(
        azureDevOpsSource(agentOf({ ...job, variables }), connectionId).url,
        `${collection.replace(/\/$/, '')}/3f1b0f52-0000-4000-8000-000000000001/_apis/distributedtask/hubs/release/plans/7a1b0f52-0000-4000-8000-000000000002/jobs/9c1b0f52-0000-4000-8000-000000000003/oidctoken`,
      );
    });
  }

  for (const missing of Object.keys(longForm)) {
    it(`is not there without ${missing}`, () => {
      const variables = { ...longForm, [missing]: '' };
      assert.throws(
        () => azureDevOpsSource(agentOf({ ...job, variables }), connectionId),
        codeOf('ID_TOKEN_NOT_ISSUED_HERE', new RegExp(missing.replace('.', '\\.'))),
      );
    });
  }

  it('is not there on Azure DevOps Server', () => {
    const variables = { ...job.variables, 'System.ServerType': 'OnPremises' };
    assert.throws(
      () => azureDevOpsSource(agentOf({ ...job, variables }), connectionId),
      codeOf('ID_TOKEN_NOT_ISSUED_HERE', /identity: managedIdentity.*identity: environment/),
    );
    const hosted = { ...job.variables, 'System.ServerType': 'Hosted' };
    assert.equal(azureDevOpsSource(agentOf({ ...job, variables: hosted }), connectionId).url, oidcRequestUri);
  });

  for (const id of ['aws-production', '$(connection)', '', `${connectionId} `, '6c9a4a70']) {
    it(`asks for no connection called ${JSON.stringify(id)}: the service would answer for the pipeline`, () => {
      assert.throws(() => azureDevOpsSource(agentOf(job), id), codeOf('CONNECTION_INVALID'));
    });
  }

  it('takes a GUID in upper case too', () => {
    assert.equal(azureDevOpsSource(agentOf(job), connectionId.toUpperCase()).url, oidcRequestUri);
  });

  it('needs the access token of the job', () => {
    assert.throws(
      () => azureDevOpsSource(agentOf({ variables: job.variables }), connectionId),
      codeOf('ID_TOKEN_REFUSED', /Allow scripts to access the OAuth token/),
    );
  });
});
