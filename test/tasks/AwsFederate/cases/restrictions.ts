/** Session tags and session policies. */
import assert from 'node:assert/strict';
import { callsOf, errorCode, logOf } from '../../../rig/findings.ts';
import { ec2Machine, machineRole, noProfileFiles } from './machines.ts';
import { publisher, type TaskCase } from './task-case.ts';

const tagsOf = (form: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(Object.entries(form).filter(([name]) => /^(Tags|Transitive)/.test(name)));

export const restrictions: readonly TaskCase[] = [
  {
    name: 'session tags mark a role chained from a machine, transitive ones for what comes after',
    world: ec2Machine,
    environment: noProfileFiles,
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      identity: environment
      region: eu-west-1
      roleArn: ${machineRole}
      sessionTags: |
        project = shop
        stage=production
      transitiveTagKeys: project`,
    expect(trial) {
      assert.equal(trial.record.result, 'Succeeded', logOf(trial.task));
      assert.deepEqual(tagsOf(callsOf(trial, 'AssumeRole')[0]?.form), {
        'Tags.member.1.Key': 'project',
        'Tags.member.1.Value': 'shop',
        'Tags.member.2.Key': 'stage',
        'Tags.member.2.Value': 'production',
        'TransitiveTagKeys.member.1': 'project',
      });
    },
  },
  {
    name: 'a role that takes no session tags is refused with the policy it needs',
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production
      chainRoleArns: ${publisher}
      externalId: shop-42
      sessionTags: project=shop`,
    expect(trial) {
      assert.equal(errorCode(trial.task), 'ACCESS_DENIED');
      assert.match(logOf(trial.task), /with session tags[\s\S]*"sts:TagSession"/);
    },
  },
  {
    name: 'session tags without a role that could carry them are an input error',
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production
      sessionTags: project=shop`,
    expect(trial) {
      assert.equal(errorCode(trial.task), 'INPUT_INVALID');
      assert.deepEqual(trial.requests, []);
    },
  },
  {
    name: 'session policies narrow the session of the first role',
    pipeline: `
steps:
  - task: AwsFederate@1
    inputs:
      awsConnection: aws-production
      sessionPolicy: |
        { "Version": "2012-10-17",
          "Statement": [{ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" }] }
      sessionPolicyArns: |
        arn:aws:iam::aws:policy/AdministratorAccess`,
    expect(trial) {
      assert.equal(trial.record.result, 'Succeeded', logOf(trial.task));
      const { form } = callsOf(trial, 'AssumeRoleWithWebIdentity')[0] ?? {};
      assert.equal(
        form?.Policy,
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}',
      );
      assert.equal(form?.['PolicyArns.member.1.arn'], 'arn:aws:iam::aws:policy/AdministratorAccess');
    },
  },
];
