/** Identities beside the service connection's own: machines, users and connections that the patches of a world bring. */
import type { Patch } from '../../../rig/world.ts';

const account = '111122223333';
const tenant = '0b1f3c5d-7e92-4a46-b8d0-c2e4f6a81357';

export const systemIdentity = {
  clientId: '5e6f7081-92a3-4b4c-8d5e-6f708192a3b4',
  principalId: '6f708192-a3b4-4c5d-8e6f-708192a3b4c5',
};
export const userIdentity = {
  clientId: '708192a3-b4c5-4d6e-8f70-8192a3b4c5d6',
  principalId: '8192a3b4-c5d6-4e7f-8081-92a3b4c5d6e7',
};
const resource = 'api://AzureADTokenExchange';

const statement = (Principal: object, Action: string | readonly string[], Condition?: object) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal, Action, ...(Condition && { Condition }) }],
});
const permission = (Action: string | readonly string[]) => ({
  may: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] },
});

/** A role that trusts a token of one issuer, subject and audience; both as the account's provider has them. */
const federated = (url: string, audience: string, subject: string): Patch => {
  const name = url.replace('https://', '');
  return {
    accounts: {
      [account]: {
        oidcProviders: [{ url, clientIds: [audience] }],
        roles: {
          machine: {
            trustPolicy: statement(
              { Federated: `arn:aws:iam::${account}:oidc-provider/${name}` },
              'sts:AssumeRoleWithWebIdentity',
              { StringEquals: { [`${name}:aud`]: audience, [`${name}:sub`]: subject } },
            ),
          },
        },
      },
    },
  };
};

/** An Azure machine with a system-assigned and a user-assigned identity; the role `machine` trusts the first. */
export const azureMachine: Patch = {
  machine: {
    managedIdentities: [
      { ...systemIdentity, assignment: 'system' },
      { ...userIdentity, tokens: 'v2' },
    ],
  },
  ...federated(`https://sts.windows.net/${tenant}/`, resource, systemIdentity.principalId),
};

/** The same machine; the role trusts the user-assigned identity, whose tokens have the v2.0 form. */
export const azureMachineV2: Patch = {
  ...azureMachine,
  ...federated(
    `https://login.microsoftonline.com/${tenant}/v2.0`,
    userIdentity.clientId,
    userIdentity.principalId,
  ),
};

/** An EC2 instance whose role may become `machine`. */
export const ec2Machine: Patch = {
  machine: { ec2: { account, role: 'instance' } },
  accounts: {
    [account]: {
      roles: {
        instance: {
          trustPolicy: statement({ Service: 'ec2.amazonaws.com' }, 'sts:AssumeRole'),
          policies: permission(['sts:AssumeRole', 'sts:TagSession']),
        },
        machine: {
          trustPolicy: statement({ AWS: `arn:aws:iam::${account}:role/instance` }, [
            'sts:AssumeRole',
            'sts:TagSession',
          ]),
          policies: permission(['sts:AssumeRole', 'sts:TagSession']),
        },
      },
    },
  },
};

/** Keeps the keys in the home folder of the agent's user out of the way of the machine's own. */
export const noProfileFiles = { AWS_SHARED_CREDENTIALS_FILE: '/nowhere', AWS_CONFIG_FILE: '/nowhere' };

const toolkitKeys = {
  accessKeyId: 'AKIATOOLKITAAAAAAAAA',
  secretAccessKey: 'toolkit'.padEnd(40, '+'),
};
export const keyFields = { username: toolkitKeys.accessKeyId, password: toolkitKeys.secretAccessKey };

/** A connection of AWS Toolkit, and a user with keys that may become `machine`. */
export const toolkit = (parameters: Readonly<Record<string, string>>): Patch => ({
  connections: {
    toolkit: {
      id: '92a3b4c5-d6e7-4f80-8192-a3b4c5d6e7f8',
      type: 'AWS',
      scheme: 'UsernamePassword',
      parameters,
      // The role deployer trusts one connection.
      subject: 'sc://contoso/shop/aws-production',
    },
  },
  accounts: {
    [account]: {
      users: { toolkit: { ...toolkitKeys, policies: permission('sts:AssumeRole') } },
      roles: {
        machine: {
          trustPolicy: statement({ AWS: `arn:aws:iam::${account}:user/toolkit` }, 'sts:AssumeRole', {
            StringEquals: { 'sts:ExternalId': 'shop-42' },
          }),
        },
      },
    },
  },
});

export const machineRole = `arn:aws:iam::${account}:role/machine`;
