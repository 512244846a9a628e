import assert from 'node:assert/strict';
import { findConnections } from '../../../../sandbox/agent/tasks/connections.ts';
import { contoso, entraId, productionId } from '../../contoso.ts';

const world = contoso();
const find = (value: string, type: string) => {
  const input = { name: 'awsConnection', aliases: [], type, required: true, options: {}, properties: {} };
  return findConnections(world, value, { job: 'Job', step: 'AwsFederate', input }).map(({ id }) => id);
};

describe('service connections', () => {
  it('are found by name and by GUID, in any letter case', () => {
    assert.deepEqual(find('aws-production', 'connectedService:AwsOidc'), [productionId]);
    assert.deepEqual(find('AWS-Production', 'connectedService:awsoidc'), [productionId]);
    assert.deepEqual(find(productionId.toUpperCase(), 'connectedService:AwsOidc'), [productionId]);
  });

  it('may be several, or none', () => {
    assert.deepEqual(find('aws-production, aws-entra', 'connectedService'), [productionId, entraId]);
    assert.deepEqual(find('', 'connectedService:AwsOidc'), []);
  });

  it('that are not there are refused in the words of Azure Pipelines', () => {
    assert.throws(() => find('nope', 'connectedService:AwsOidc'), {
      message:
        'Job Job: Step AwsFederate input awsConnection references service connection nope which could not be found. ' +
        'The service connection does not exist, has been disabled or has not been authorized for use. ' +
        'For authorization details, refer to https://aka.ms/yamlauthz.',
    });
  });

  it('of another type are refused', () => {
    assert.throws(() => find('aws-production', 'connectedService:AWS'), {
      message:
        'Job Job: Step AwsFederate input awsConnection expects a service connection of type AWS but the provided ' +
        'service connection aws-production is of type AwsOidc.',
    });
  });

  it('of another scheme are refused', () => {
    assert.deepEqual(find('aws-entra', 'connectedService:AwsOidc:none,workloadidentityfederation'), [
      entraId,
    ]);
    assert.throws(() => find('aws-entra', 'connectedService:AwsOidc:none,basic'), {
      message:
        'Job Job: Step AwsFederate input awsConnection expects a service connection of type AwsOidc with ' +
        'authentication scheme none,basic but the provided service connection aws-entra is of type AwsOidc using ' +
        'authentication scheme WorkloadIdentityFederation.',
    });
  });
});
