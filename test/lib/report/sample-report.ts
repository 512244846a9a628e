import type { RunReport } from '../../../lib/report/index.ts';

/** A report that has everything a report can have. */
export const sampleReport: RunReport = {
  schema: 'keyless-delivery.report',
  version: 1,
  task: 'AwsFederate@1',
  outcome: 'failed',
  summary: 'The role does not trust this service connection.',
  startedAt: '2026-11-21T10:00:00.000Z',
  finishedAt: '2026-11-21T10:00:01.500Z',
  steps: [
    { title: 'Get an ID token', outcome: 'succeeded', seconds: 0.25 },
    { title: 'Assume the role', outcome: 'failed', seconds: 1.26 },
  ],
  facts: [{ name: 'issuer', value: 'https://vstoken.dev.azure.com/x' }],
  tables: [
    {
      title: 'Checks',
      rows: [
        ['Check', 'Result'],
        ['ID token', 'ok'],
      ],
    },
  ],
  warnings: ['The session name was changed.'],
  error: {
    code: 'ACCESS_DENIED',
    what: 'The role does not trust this service connection.',
    why: 'AWS STS said: AccessDenied',
    remedy: 'aws iam update-assume-role-policy \\\n  --role-name deployer',
    requestId: 'req-1',
  },
};
