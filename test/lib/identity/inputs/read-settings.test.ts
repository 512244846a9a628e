import assert from 'node:assert/strict';
import { readInputs } from '../../../../lib/agent/index.ts';
import { DeliveryError } from '../../../../lib/errors/index.ts';
import { readFederationSettings } from '../../../../lib/identity/index.ts';
import { agentOf, type Job } from '../../agent/job-environment.ts';
import { connectionId, deployer, roleNamed, settings as sample, unrestricted } from '../samples.ts';

type Fields = Readonly<Record<string, string>>;

/** A job whose connection has these fields, and whose step these inputs beside the connection's. */
function jobWith(fields: Fields, inputs: Fields = {}, variables: Fields = {}): Job {
  return {
    inputs: { awsConnection: connectionId, ...inputs },
    variables,
    connections: { [connectionId]: { data: fields } },
  };
}

const fields = {
  roleArn: 'arn:aws:iam::111122223333:role/deployer',
  region: 'eu-west-1',
};

function read(job: Job) {
  const inputs = readInputs(agentOf(withToken(job)));
  const { settings, notes } = readFederationSettings(inputs);
  inputs.finish();
  return { settings: settings(), notes };
}

/** A job that may ask for ID tokens. */
function withToken({ variables, connections, ...job }: Job): Job {
  return {
    ...job,
    variables: { 'System.OidcRequestUri': 'https://dev.azure.com/contoso/oidctoken', ...variables },
    connections: { SYSTEMVSSCONNECTION: { parameters: { AccessToken: 'job-token' } }, ...connections },
  };
}

/** The one error that names every fault. */
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

describe('the settings of a federation', () => {
  it("are the connection's fields", () => {
    const job = jobWith({
      ...fields,
      chainRoleArns:
        'arn:aws:iam::444455556666:role/a,b\r\n\n arn:aws:iam::777788889999:role/path/publisher ',
      externalId: 'shop:42',
      sessionName: 'shop-build',
      sessionDuration: '1800',
      allowedAccounts: '111122223333, 777788889999\n444455556666',
    });
    assert.deepEqual(read(job), {
      settings: {
        origin: sample.origin,
        region: 'eu-west-1',
        roles: [
          deployer,
          roleNamed('a,b', '444455556666'),
          {
            ...roleNamed('publisher', '777788889999'),
            arn: 'arn:aws:iam::777788889999:role/path/publisher',
          },
        ],
        externalId: 'shop:42',
        sessionName: 'shop-build',
        sessionDuration: 1800,
        restrictions: unrestricted,
        allowedAccounts: ['111122223333', '777788889999', '444455556666'],
      },
      notes: [],
    });
  });

  it('are few where few are set', () => {
    assert.deepEqual(read(jobWith(fields)).settings, {
      origin: sample.origin,
      region: 'eu-west-1',
      roles: [deployer],
      externalId: undefined,
      sessionName: 'azure-pipelines',
      sessionDuration: undefined,
      restrictions: unrestricted,
      allowedAccounts: [],
    });
  });

  describe('come from the input before the connection, and from variables last', () => {
    const connection = {
      ...fields,
      sessionName: 'of-connection',
      sessionDuration: '1800',
      allowedAccounts: '111122223333',
    };
    const inputs = {
      roleArn: 'arn:aws:iam::444455556666:role/other',
      region: 'us-east-1',
      sessionName: 'of-input',
      sessionDuration: '900',
      allowedAccounts: '444455556666',
    };
    const variables = { 'AWS.Region': 'eu-north-1', 'aws.rolecredential.maxduration': '7200' };

    it('inputs', () => {
      const { settings } = read(jobWith(connection, inputs, variables));
      assert.equal(settings.roles[0]?.arn, inputs.roleArn);
      assert.deepEqual(
        [settings.region, settings.sessionName, settings.sessionDuration, settings.allowedAccounts],
        ['us-east-1', 'of-input', 900, ['444455556666']],
      );
    });

    it("the connection's fields", () => {
      const { settings } = read(jobWith(connection, {}, variables));
      assert.deepEqual(
        [settings.region, settings.sessionName, settings.sessionDuration, settings.allowedAccounts],
        ['eu-west-1', 'of-connection', 1800, ['111122223333']],
      );
    });

    it('variables', () => {
      const { settings } = read(jobWith({ roleArn: fields.roleArn }, {}, variables));
      assert.deepEqual([settings.region, settings.sessionDuration], ['eu-north-1', 7200]);
    });
  });

  describe('name the session', () => {
    const variables = {
      'System.TeamProject': 'My Shop',
      'Build.DefinitionName': 'shop ci/main',
      'Build.BuildId': '4711',
      'Release.DefinitionName': 'shop release',
      'Release.ReleaseId': '12',
    };

    it('after the build', () => {
      assert.equal(read(jobWith(fields, {}, variables)).settings.sessionName, 'My-Shop-shop-ci-main-4711');
    });

    it('after the release in a release', () => {
      const release = { ...variables, 'System.HostType': 'release' };
      assert.equal(read(jobWith(fields, {}, release)).settings.sessionName, 'My-Shop-shop-release-12');
    });

    it('as wanted, as far as STS takes it, and say what was changed', () => {
      const { settings, notes } = read(jobWith(fields, { sessionName: 'shop / main' }));
      assert.equal(settings.sessionName, 'shop-main');
      assert.equal(notes.length, 1);
      assert.match(notes[0] ?? '', /"shop \/ main".*"shop-main"/);
    });
  });

  describe('with chained roles', () => {
    const chained = { ...fields, chainRoleArns: 'arn:aws:iam::444455556666:role/publisher' };

    it('ask for an hour at most, and say so', () => {
      const { settings, notes } = read(jobWith(chained, { sessionDuration: '43200' }));
      assert.equal(settings.sessionDuration, 3600);
      assert.match(notes[0] ?? '', /3600 s.*43200/);
    });

    it('leave an hour and less alone', () => {
      const { settings, notes } = read(jobWith(chained, { sessionDuration: '3600' }));
      assert.deepEqual([settings.sessionDuration, notes], [3600, []]);
    });
  });

  it('know regions of every partition', () => {
    for (const [partition, region] of [
      ['aws-cn', 'cn-north-1'],
      ['aws-us-gov', 'us-gov-west-1'],
      ['aws-iso', 'us-iso-east-1'],
      ['aws-eusc', 'eusc-de-east-1'],
    ] as const) {
      const roleArn = `arn:${partition}:iam::111122223333:role/deployer`;
      assert.equal(read(jobWith({ roleArn, region })).settings.roles[0]?.partition, partition);
    }
  });

  describe('that cannot work', () => {
    const wrong: Record<string, [job: Job, text: RegExp]> = {
      'no connection': [{ inputs: { region: 'eu-west-1' } }, /input awsConnection is empty/],
      'no role': [jobWith({ region: 'eu-west-1' }), /no role is named/],
      'no region': [jobWith({ roleArn: fields.roleArn }), /no region is named/],
      'another identity': [
        jobWith(fields, { identity: 'somebody' }),
        /input identity is "somebody": write one of connection, toolkitConnection, managedIdentity, environment/,
      ],
      'a role that is none': [
        jobWith(fields, { roleArn: 'deployer' }),
        /input roleArn: "deployer" is no role ARN/,
      ],
      "a role of the connection's that is none": [
        jobWith({ ...fields, roleArn: 'deployer' }),
        /field roleArn of the service connection: "deployer"/,
      ],
      'a chained role that is none': [
        jobWith(fields, { chainRoleArns: 'arn:aws:iam::444455556666:role/a\nb' }),
        /input chainRoleArns: "b" is no role ARN/,
      ],
      'a region that is none': [
        jobWith(fields, { region: 'Ireland' }),
        /input region: "Ireland" is no region/,
      ],
      'a region of another partition': [
        jobWith(fields, { region: 'cn-north-1' }),
        /input region: cn-north-1 is in the partition aws-cn, the role .*deployer in aws\./,
      ],
      'a wrong region in a variable': [
        jobWith({ roleArn: fields.roleArn }, {}, { 'AWS.Region': 'nowhere' }),
        /variable AWS\.Region: "nowhere"/,
      ],
      'too short a duration': [jobWith(fields, { sessionDuration: '899' }), /"899" is no session duration/],
      'too long a duration': [
        jobWith(fields, { sessionDuration: '43201' }),
        /"43201" is no session duration/,
      ],
      'half a second': [jobWith(fields, { sessionDuration: '900.5' }), /"900\.5" is no session duration/],
      'a duration in words': [
        jobWith(fields, {}, { 'aws.rolecredential.maxduration': 'an hour' }),
        /variable aws\.rolecredential\.maxduration: "an hour"/,
      ],
      'an account that is none': [
        jobWith(fields, { allowedAccounts: '111122223333,1234' }),
        /input allowedAccounts: "1234" is no account id/,
      ],
      'an external id that AWS does not take': [
        jobWith(fields, { chainRoleArns: fields.roleArn, externalId: 'with space' }),
        /input externalId: an external id has 2 to 1224/,
      ],
      'an external id for the first role': [
        jobWith(fields, { externalId: 'shop:42' }),
        /input externalId: AWS takes an external id only with a chained role/,
      ],
    };
    for (const [what, [job, text]] of Object.entries(wrong)) {
      it(`${what} is named`, () => assert.match(faultsOf(job), text));
    }

    it('are all named at once', () => {
      const job = jobWith(
        { roleArn: 'deployer', region: 'Ireland', allowedAccounts: 'mine', externalId: '!' },
        { sessionDuration: '1', identity: 'other' },
      );
      const text = faultsOf(job);
      for (const fault of [
        /^7 settings/,
        /identity/,
        /"deployer"/,
        /"Ireland"/,
        /"mine"/,
        /"1"/,
        /external id has/,
        /external id only/,
      ]) {
        assert.match(text, fault);
      }
    });
  });

  it('take a duration from 900 to 43200 seconds', () => {
    for (const seconds of [900, 43200]) {
      assert.equal(
        read(jobWith(fields, { sessionDuration: `${seconds}` })).settings.sessionDuration,
        seconds,
      );
    }
  });
});
