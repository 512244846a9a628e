/** `checkOnly`: one table, and nothing changed. */
import assert from 'node:assert/strict';
import { callsOf, errorCode, logOf, reportsOf, stepNamed } from '../../../rig/findings.ts';
import type { Trial } from '../../../rig/trial.ts';
import { publisher, type TaskCase } from './task-case.ts';

const titles = [
  'Get an ID token for the service connection',
  'Assume arn:aws:iam::111122223333:role/deployer in eu-west-1',
  `Assume ${publisher} as deployer`,
  'Ask AWS who this is',
  'Account is allowed',
];

/** Whatever was found: no variable, no output, no state, no file while the job goes on. */
function assertNothingChanged(trial: Trial): void {
  assert.deepEqual(
    trial.task.commands.filter(({ event }) => /variable|prependpath|uploadfile/.test(event)),
    [],
  );
  assert.deepEqual(trial.job.outputs, {});
  assert.match(logOf(stepNamed(trial, 'Look around')), /^files: 0, profile: ''$/m);
  assert.match(logOf(stepNamed(trial, 'Post-job: AwsFederate')), /^There was no profile to remove\.$/m);
}

/** The table as the log and the report have it: each check's result. */
function resultsIn(trial: Trial): string[] {
  const table = reportsOf(trial)[0]?.tables[0]?.rows.slice(1) ?? [];
  assert.deepEqual(
    table.map(([title]) => title),
    titles,
  );
  const log = logOf(trial.task);
  for (const [title = '', result = ''] of table) {
    assert(
      log.split('\n').some((line) => line.startsWith(`${title} `) && line.includes(`  ${result}`)),
      title,
    );
  }
  return table.map(([, result = '']) => result);
}

const pipeline = (inputs = '') => `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production
      chainRoleArns: ${publisher}
      externalId: shop-42
      checkOnly: true
      ${inputs}
  - bash: |
      echo "files: $(ls '$(Agent.TempDirectory)' | grep -c '^keyless-delivery$'), profile: '$AWS_PROFILE'"
    displayName: Look around
    condition: always()`;

interface Missing {
  readonly what: string;
  readonly code: string;
  /** Which of the checks, from 0. */
  readonly at: number;
  readonly world?: TaskCase['world'];
  readonly inputs?: string;
  /** The command that grants what is missing, where one command can. */
  readonly grant?: RegExp;
}

const missing: readonly Missing[] = [
  {
    what: 'the job may not ask for the token',
    code: 'ID_TOKEN_WRONG_SUBJECT',
    at: 0,
    world: { connections: { 'aws-production': { subject: 'p://contoso/shop/azure-pipelines' } } },
  },
  {
    what: 'the role does not trust the connection',
    code: 'ACCESS_DENIED',
    at: 1,
    world: { connections: { 'aws-production': { subject: 'sc://contoso/shop/other' } } },
    grant: /aws iam update-assume-role-policy --role-name deployer/,
  },
  {
    what: 'the account has no provider',
    code: 'PROVIDER_MISSING',
    at: 1,
    world: { accounts: { '111122223333': { oidcProviders: [] } } },
    grant: /aws iam create-open-id-connect-provider --url https:\/\/vstoken\.dev\.azure\.com\//,
  },
  {
    what: 'the next role does not trust the first',
    code: 'ACCESS_DENIED',
    at: 2,
    inputs: 'sessionName: checked',
    world: { accounts: { '111122223333': { roles: { deployer: { policies: { chain: null } } } } } },
    grant: /aws iam put-role-policy --role-name deployer --policy-name assume-publisher/,
  },
  {
    what: 'AWS does not know the session',
    code: 'REQUEST_REFUSED',
    at: 3,
    world: {
      faults: [
        {
          host: 'sts.eu-west-1.amazonaws.com',
          operation: 'GetCallerIdentity',
          answer: {
            status: 403,
            body: '<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>The security token included in the request is invalid.</Message></Error></ErrorResponse>',
          },
        },
      ],
    },
  },
  {
    what: 'the account is not allowed',
    code: 'ACCOUNT_NOT_ALLOWED',
    at: 4,
    inputs: 'allowedAccounts: "111122223333"',
  },
];

export const checkOnly: readonly TaskCase[] = [
  {
    name: 'says that all is there',
    pipeline: pipeline(),
    expect(trial) {
      assert.deepEqual(resultsIn(trial), ['ok', 'ok', 'ok', 'ok', 'ok']);
      assert.match(logOf(trial.task), /^All 5 checks passed; nothing was changed\.$/m);
      assert.equal(trial.record.result, 'Succeeded');
      assertNothingChanged(trial);
    },
  },
  ...missing.map(
    ({ what, code, at, world, inputs, grant }): TaskCase => ({
      name: `says what is missing: ${what}`,
      ...(world && { world }),
      pipeline: pipeline(inputs),
      expect(trial) {
        const results = titles.map((_, index) =>
          index < at ? 'ok' : index === at ? 'missing' : 'not tried',
        );
        assert.deepEqual(resultsIn(trial), results);
        assert.equal(errorCode(trial.task), code);
        if (grant) assert.match(logOf(trial.task), grant);
        assertNothingChanged(trial);
      },
    }),
  ),
  {
    name: 'is off when it says so',
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production
      checkOnly: false`,
    expect(trial) {
      assert.equal(trial.job.variables.AWS_PROFILE, 'keyless-delivery');
      assert.equal(callsOf(trial, 'GetCallerIdentity').length, 1);
    },
  },
];
