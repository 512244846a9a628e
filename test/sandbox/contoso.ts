/** A small world that most tests of the sandbox start from. */
import { parseWorld, type World } from '../../sandbox/world.ts';

export const organizationId = '8a6e0c57-3b1d-4f29-a7c4-5d2e9f6b8a01';
export const tenantId = '0b1f6d2c-9e47-4c8a-b5d3-7f2a1e6c4b90';
export const projectId = '3f5c1b7e-2a94-4d6b-8e1f-9c0a7d5b3e62';
export const productionId = '6c9a1f4e-2b7d-4c35-9e0a-d1f2a3b4c5d6';
export const entraId = 'd4e8b2a6-7c15-4f03-a9d8-1b6e5c7f2043';

export const contosoYaml = `organization: { name: contoso, id: ${organizationId}, tenant: ${tenantId} }
project: { name: shop, id: ${projectId} }
machine:
  clockOffset: 0
connections:
  aws-production:
    id: ${productionId}
    type: AwsOidc
    data: { roleArn: 'arn:aws:iam::111122223333:role/deployer', region: eu-west-1, sessionDuration: 3600 }
  aws-entra:
    id: ${entraId}
    type: AwsOidc
    scheme: WorkloadIdentityFederation
accounts:
  '111122223333':
    disabledRegions: [ap-east-1]
    oidcProviders:
      - url: https://vstoken.dev.azure.com/${organizationId}
        clientIds: ['api://AzureADTokenExchange']
    roles:
      deployer:
        maxSessionDuration: 7200
        trustPolicy:
          Version: '2012-10-17'
          Statement:
            Effect: Allow
            Principal: { Federated: 'arn:aws:iam::111122223333:oidc-provider/vstoken.dev.azure.com/${organizationId}' }
            Action: sts:AssumeRoleWithWebIdentity
        policies:
          pull:
            Version: '2012-10-17'
            Statement: [{ Effect: Allow, Action: 'ecr:*', Resource: '*' }]
    users:
      build-admin:
        accessKeyId: AKIAIOSFODNN7EXAMPLE
        secretAccessKey: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`;

/** A fresh copy, for tests to change. */
export const contoso = (): World => parseWorld(contosoYaml, 'contoso.yml');
