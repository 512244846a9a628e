import assert from 'node:assert/strict';
import { readInputs } from '../../../../lib/agent/index.ts';
import { DeliveryError } from '../../../../lib/errors/index.ts';
import { identities } from '../../../../lib/identity/inputs/identity.ts';
import { readFederationSettings } from '../../../../lib/identity/inputs/read-settings.ts';
import { agentOf, type Job } from '../../agent/job-environment.ts';
import { azureDevOps, connectionId, deployer, roleNamed } from '../samples.ts';

type Fields = Readonly<Record<string, string>>;

const role = { roleArn: deployer.arn };
const region = { region: 'eu-west-1' };
const system = { SYSTEMVSSCONNECTION: { parameters: { AccessToken: 'job-token' } } };
const token = { kind: 'idToken', source: azureDevOps };
const keys = { username: 'AKIABUILD', password: 'build-secret' };

/** A step whose connection of the Toolkit has these parameters. */
function toolkit(parameters: Fields, inputs: Fields = {}): Job {
  return {
    inputs: { identity: 'toolkitConnection', toolkitConnection: connectionId, ...region, ...inputs },
    variables: { 'System.OidcRequestUri': azureDevOps.url },
    connections: { ...system, [connectionId]: { scheme: 'UsernamePassword', parameters } },
  };
}

const machine = (inputs: Fields = {}, variables: Fields = {}, secrets: Fields = {}): Job => ({
  inputs: { identity: 'environment', ...region, ...inputs },
  variables,
  secrets,
});

const managed = (inputs: Fields = {}): Job => ({
  inputs: { identity: 'managedIdentity', ...region, ...inputs },
});

/** Runs with these variables in the process's environment in place of its own AWS and Azure ones. */
function inEnvironment<T>(variables: Fields, run: () => T): T {
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) {
    if (/^(AWS_|IDENTITY_|AZURE_)/.test(name)) delete process.env[name];
  }
  Object.assign(process.env, variables);
  try {
    return run();
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

function read(job: Job, environment: Fields = {}) {
  return inEnvironment(environment, () => {
    const inputs = readInputs(agentOf(job));
    const { settings } = readFederationSettings(inputs);
    inputs.finish();
    return settings();
  });
}

/** Every fault of a step, as one text. */
function faultsOf(job: Job): string {
  try {
    read(job);
  } catch (error) {
    assert(error instanceof DeliveryError);
    assert.equal(error.code, 'INPUT_INVALID');
    return `${error.fault.what}\n${error.fault.why ?? ''}`;
  }
  assert.fail('no fault was found');
}

describe('the identity', () => {
  it('is one of four', () => {
    assert.deepEqual(identities, ['connection', 'toolkitConnection', 'managedIdentity', 'environment']);
  });

  describe('connection', () => {
    const job: Job = {
      inputs: { awsConnection: connectionId },
      variables: { 'System.OidcRequestUri': azureDevOps.url },
      connections: { ...system, [connectionId]: { data: { ...role, ...region } } },
    };

    it('is the usual one, and begins with an ID token', () => {
      assert.deepEqual(read(job).origin, token);
      assert.deepEqual(read({ ...job, inputs: { ...job.inputs, identity: 'connection' } }), read(job));
    });

    it('says its faults before it asks whether there are ID tokens here', () => {
      const server = { ...job, variables: { 'System.ServerType': 'OnPremises' } };
      assert.throws(() => read(server), { code: 'ID_TOKEN_NOT_ISSUED_HERE' });
      assert.match(faultsOf({ ...server, inputs: { ...job.inputs, region: 'here' } }), /"here" is no region/);
    });
  });

  describe('toolkitConnection', () => {
    const oidc = { useOIDC: 'true', assumeRoleArn: deployer.arn, roleSessionName: 'shop' };

    it('with OIDC begins with an ID token, and names the role and the session', () => {
      const settings = read(toolkit(oidc));
      assert.deepEqual(settings.origin, token);
      assert.deepEqual([settings.roles, settings.sessionName], [[deployer], 'shop']);
    });

    it('takes "True" for ticked and "false" for not, as the Toolkit writes them', () => {
      assert.equal(read(toolkit({ ...oidc, useOIDC: 'True' })).origin.kind, 'idToken');
      assert.equal(read(toolkit({ ...oidc, useOIDC: 'false' })).origin.kind, 'machine');
    });

    it('with OIDC sends no external id for the first role, as the Toolkit does not', () => {
      assert.equal(read(toolkit({ ...oidc, externalId: 'shop:42' })).externalId, undefined);
    });

    it('with keys begins with them', () => {
      const settings = read(toolkit(keys));
      assert.deepEqual(settings.origin, {
        kind: 'keys',
        keys: { accessKeyId: 'AKIABUILD', secretAccessKey: 'build-secret', sessionToken: undefined },
        named: 'the service connection',
      });
      assert.deepEqual(settings.roles, []);
    });

    it('with keys, a session token, a role and an external id goes to the role', () => {
      const settings = read(
        toolkit({ ...keys, sessionToken: 'token', assumeRoleArn: deployer.arn, externalId: 'shop:42' }),
      );
      assert.equal(settings.origin.kind === 'keys' && settings.origin.keys.sessionToken, 'token');
      assert.deepEqual([settings.roles, settings.externalId], [[deployer], 'shop:42']);
    });

    it('with keys and OIDC uses the keys, as the Toolkit does', () => {
      assert.equal(read(toolkit({ ...oidc, ...keys })).origin.kind, 'keys');
    });

    it('with a role alone begins with what the machine has', () => {
      const settings = read(toolkit({ assumeRoleArn: deployer.arn }), { AWS_PROFILE: 'agent' });
      const { origin } = settings;
      assert(origin.kind === 'machine');
      assert.equal(origin.environment.AWS_PROFILE, 'agent');
      assert.deepEqual(settings.roles, [deployer]);
    });

    it('gives way to the inputs', () => {
      const other = roleNamed('other');
      const settings = read(toolkit(oidc, { roleArn: other.arn, sessionName: 'of-input' }));
      assert.deepEqual([settings.roles, settings.sessionName], [[other], 'of-input']);
    });

    const wrong: Record<string, [job: Job, text: RegExp]> = {
      'no connection': [
        { inputs: { identity: 'toolkitConnection', ...region } },
        /input toolkitConnection is empty: name a service connection of type "AWS"/,
      ],
      'an access key id alone': [toolkit({ username: 'AKIABUILD' }), /only one of "Access Key ID"/],
      'a secret access key alone': [toolkit({ password: 'build-secret' }), /only one of "Access Key ID"/],
      'half a key beside OIDC': [toolkit({ ...oidc, password: 'build-secret' }), /only one of/],
      'OIDC without a role': [toolkit({ useOIDC: 'true' }), /no role is named/],
      'neither keys nor a role': [toolkit({ useOIDC: 'false' }), /has neither keys nor a role/],
      'a role that is none': [
        toolkit({ ...keys, assumeRoleArn: 'deployer' }),
        /field assumeRoleArn of the service connection: "deployer" is no role ARN/,
      ],
      'an external id without a role': [
        toolkit({ ...keys, externalId: 'shop:42' }),
        /field externalId of the service connection: AWS takes an external id only/,
      ],
    };
    for (const [what, [job, text]] of Object.entries(wrong)) {
      it(`with ${what} cannot work`, () => {
        const said = faultsOf(job);
        assert.match(said, text);
        assert.doesNotMatch(said, /build-secret/);
      });
    }
  });

  describe('managedIdentity', () => {
    const inputs = { ...role, managedIdentityResource: 'api://AzureADTokenExchange' };

    it("begins with a token of the machine's own identity", () => {
      const settings = read(managed(inputs));
      assert.deepEqual(settings.origin, {
        kind: 'idToken',
        source: {
          kind: 'managedIdentity',
          url: 'http://169.254.169.254/metadata/identity/oauth2/token',
          headers: { metadata: 'true' },
          apiVersion: '2018-02-01',
          resource: 'api://AzureADTokenExchange',
          clientId: undefined,
        },
      });
      assert.deepEqual(settings.roles, [deployer]);
    });

    it('or of one that is named', () => {
      const { origin } = read(managed({ ...inputs, managedIdentityClientId: 'c1' }));
      assert.equal(
        origin.kind === 'idToken' && origin.source.kind === 'managedIdentity' && origin.source.clientId,
        'c1',
      );
    });

    it('has no connection: a variable of the Toolkit says nothing of its role', () => {
      const job = {
        ...managed({ managedIdentityResource: 'api://x' }),
        variables: { 'AWS.AssumeRoleArn': deployer.arn },
      };
      assert.match(faultsOf(job), /no role is named/);
    });

    it('needs a resource', () => {
      assert.match(faultsOf(managed(role)), /input managedIdentityResource is empty/);
    });

    it('works on Azure DevOps Server', () => {
      const job = { ...managed(inputs), variables: { 'System.ServerType': 'OnPremises' } };
      assert.equal(read(job).origin.kind, 'idToken');
    });
  });

  describe('environment', () => {
    it('begins with what the machine has, and needs no role', () => {
      const environment = { AWS_PROFILE: 'agent', AWS_CONFIG_FILE: '/etc/aws' };
      const settings = read(machine(), environment);
      const { origin } = settings;
      assert(origin.kind === 'machine');
      assert.deepEqual(
        Object.fromEntries(Object.entries(origin.environment).filter(([name]) => name.startsWith('AWS_'))),
        environment,
      );
      assert.deepEqual(settings.roles, []);
    });

    it("begins with the pipeline's variables where they hold keys", () => {
      const settings = read(
        machine(
          {},
          {
            'AWS.AccessKeyID': 'AKIABUILD',
            'AWS.AssumeRoleArn': deployer.arn,
            'AWS.RoleSessionName': 'shop',
          },
          { 'AWS.SecretAccessKey': 'build-secret', 'AWS.SessionToken': 'token' },
        ),
      );
      assert.deepEqual(settings.origin, {
        kind: 'keys',
        keys: { accessKeyId: 'AKIABUILD', secretAccessKey: 'build-secret', sessionToken: 'token' },
        named: 'the variable AWS.AccessKeyID',
      });
      assert.deepEqual([settings.roles, settings.sessionName], [[deployer], 'shop']);
    });

    it('sends the external id of the variable, for a role', () => {
      const variables = { 'AWS.AssumeRoleArn': deployer.arn, 'AWS.ExternalId': 'shop:42' };
      assert.equal(read(machine({}, variables)).externalId, 'shop:42');
    });

    it('goes through any number of roles', () => {
      const roles = ['a', 'b', 'c'].map((name) => roleNamed(name));
      const chainRoleArns = roles
        .slice(1)
        .map(({ arn }) => arn)
        .join('\n');
      assert.deepEqual(read(machine({ roleArn: roles[0]?.arn ?? '', chainRoleArns })).roles, roles);
    });

    const wrong: Record<string, [job: Job, text: RegExp]> = {
      'half a key': [
        machine({}, { 'AWS.AccessKeyID': 'AKIABUILD' }),
        /only one of the variables AWS\.AccessKeyID and AWS\.SecretAccessKey/,
      ],
      'the other half': [machine({}, {}, { 'AWS.SecretAccessKey': 's' }), /only one of the variables/],
      'a role that is none in a variable': [
        machine({}, { 'AWS.AssumeRoleArn': 'deployer' }),
        /variable AWS\.AssumeRoleArn: "deployer" is no role ARN/,
      ],
      'an external id without a role': [
        machine({ externalId: 'shop:42' }),
        /input externalId: AWS takes an external id only/,
      ],
    };
    for (const [what, [job, text]] of Object.entries(wrong)) {
      it(`with ${what} cannot work`, () => assert.match(faultsOf(job), text));
    }
  });
});
