import assert from 'node:assert/strict';
import { DeliveryError } from '../../../lib/errors/index.ts';
import type { Federation, Leg } from '../../../lib/identity/federation.ts';
import type { FederationSettings } from '../../../lib/identity/federation-settings.ts';
import { becomeRole, checkFederation, type RoleIdentity } from '../../../lib/identity/index.ts';
import { parseIdToken } from '../../../lib/identity/tokens/id-token.ts';
import { runReport } from '../../../lib/report/index.ts';
import { runStory } from '../agent/run-story.ts';
import { claims, deployer, jwtOf, payloads, roleNamed, settings } from './samples.ts';

const session = (name: string) => ({
  credentials: {
    accessKeyId: `ASIA-${name}`,
    secretAccessKey: 'secret',
    sessionToken: 'token',
    expiration: new Date('2026-11-21T11:00:00Z'),
  },
  assumedRoleArn: `arn:aws:sts::111122223333:assumed-role/${name}/shop`,
});
const denied = new DeliveryError({ code: 'ACCESS_DENIED', what: 'Not trusted.', remedy: 'Paste this.' });

const tokenLeg = (payload: unknown = payloads.vstoken): Leg => ({
  title: 'Get an ID token for the service connection',
  take: async () => ({ claims: parseIdToken(jwtOf(payload)).claims }),
});

/** A way that succeeds but where told otherwise: an ID token, and a leg for each role. */
function federationWith(more: Partial<Federation> = {}, roles: readonly string[] = ['deployer']): Federation {
  return {
    legs: [
      tokenLeg(),
      ...roles.map((name) => ({ title: `Assume ${name}`, take: async () => ({ session: session(name) }) })),
    ],
    session: () => session(roles.at(-1) ?? ''),
    callerIdentity: async () => ({
      accountId: '111122223333',
      arn: session(roles.at(-1) ?? '').assumedRoleArn,
    }),
    ...more,
  };
}

const roles = [deployer, roleNamed('packer'), roleNamed('publisher', '444455556666')];

describe('becoming a role', () => {
  async function become(federation: Federation, more: Partial<FederationSettings> = {}) {
    let identity: RoleIdentity | undefined;
    const told = await runStory(async (task) => {
      identity = await becomeRole(task, federation, { ...settings, ...more });
      return 'Done.';
    });
    return { told, identity, report: runReport.parse(told.report) };
  }

  it('tells the claims, the session and the proof', async () => {
    const { told, identity, report } = await become(federationWith());
    assert.deepEqual(identity, {
      credentials: session('deployer').credentials,
      arn: session('deployer').assumedRoleArn,
      accountId: '111122223333',
      claims: claims.vstoken,
    });
    assert.deepEqual(
      report.steps.map(({ title }) => title),
      ['Get an ID token for the service connection', 'Assume deployer', 'Ask AWS who this is'],
    );
    assert.deepEqual(Object.fromEntries(report.facts.map(({ name, value }) => [name, value])), {
      issuer: payloads.vstoken.iss,
      subject: payloads.vstoken.sub,
      audience: payloads.vstoken.aud,
      'authorized party': 'none',
      'valid until': `${claims.vstoken.expiresAt.toISOString()} (300 s after it was issued)`,
      session: 'arn:aws:sts::111122223333:assumed-role/deployer/shop, until 2026-11-21T11:00:00.000Z',
      account: '111122223333',
      identity: 'arn:aws:sts::111122223333:assumed-role/deployer/shop',
    });
    const log = told.plain.join('\n');
    for (const secret of [jwtOf(payloads.vstoken), 'secret']) assert(!log.includes(secret));
  });

  it('tells which audience IAM compares where the token has an azp', async () => {
    const federation = federationWith({ legs: [tokenLeg(payloads.entra)] });
    const { report } = await become(federation);
    const audience = report.facts.find(({ name }) => name === 'audience')?.value ?? '';
    assert(audience.startsWith(payloads.entra.azp));
    assert(audience.includes(payloads.entra.aud));
    assert.equal(report.facts.find(({ name }) => name === 'authorized party')?.value, payloads.entra.azp);
  });

  it('takes every leg in order, and hands on what the last one reached', async () => {
    const taken: string[] = [];
    const whole = federationWith({}, ['deployer', 'packer', 'publisher']);
    const legs = whole.legs.map((leg) => ({
      ...leg,
      take: () => {
        taken.push(leg.title);
        return leg.take();
      },
    }));
    const { identity, report } = await become({ ...whole, legs }, { roles });
    assert.deepEqual(
      taken,
      whole.legs.map(({ title }) => title),
    );
    assert.equal(identity?.credentials.accessKeyId, 'ASIA-publisher');
    assert.equal(report.steps.length, 5);
    assert.equal(identity?.claims?.subject, payloads.vstoken.sub);
  });

  it('tells of keys that have no end, no token and no claims', async () => {
    const keys = { accessKeyId: 'AKIA-build', secretAccessKey: 'secret' };
    const { identity, report } = await become(
      federationWith({
        legs: [{ title: 'Use the keys', take: async () => ({ session: { credentials: keys } }) }],
        session: () => ({ credentials: keys }),
      }),
      { roles: [] },
    );
    assert.deepEqual([identity?.credentials, identity?.claims], [keys, undefined]);
    assert.equal(report.facts.find(({ name }) => name === 'session')?.value, 'access key AKIA-build');
    assert(!report.facts.some(({ name }) => name === 'issuer'));
  });

  it('says once that the older issuer retires, and never of another', async () => {
    const said = async (payload: unknown) => {
      const { told } = await become(
        federationWith({ legs: [tokenLeg(payload), tokenLeg({ ...payloads.entra })] }),
      );
      return told.plain.filter((line) => line.includes('2027-07-01')).length;
    };
    assert.deepEqual([await said(payloads.vstoken), await said(payloads.entra)], [1, 0]);
  });

  it('asks for nothing when the account is not allowed', async () => {
    const untouched = federationWith({
      legs: [{ ...tokenLeg(), take: () => assert.fail('a token was asked for') }],
    });
    const { told, report } = await become(untouched, { allowedAccounts: ['777788889999'] });
    assert.equal(report.error?.code, 'ACCOUNT_NOT_ALLOWED');
    assert.deepEqual(told.commands.at(-1)?.properties, { result: 'Failed' });
  });

  it('minds the account of the last role of a chain', async () => {
    const allowed = { roles, allowedAccounts: ['444455556666'] };
    const there = federationWith({ callerIdentity: async () => ({ accountId: '444455556666', arn: 'x' }) });
    assert.equal((await become(there, allowed)).report.outcome, 'succeeded');
    const elsewhere = { roles, allowedAccounts: ['111122223333'] };
    assert.equal((await become(there, elsewhere)).report.error?.code, 'ACCOUNT_NOT_ALLOWED');
  });

  it('minds the account that AWS says it is, whatever the ARN said', async () => {
    const other = federationWith({ callerIdentity: async () => ({ accountId: '999999999999', arn: 'x' }) });
    const { report } = await become(other, { allowedAccounts: ['111122223333'] });
    assert.equal(report.error?.code, 'ACCOUNT_NOT_ALLOWED');
    assert.match(report.error?.what ?? '', /999999999999/);
  });
});

describe('checking a federation', () => {
  async function check(federation: Federation, more: Partial<FederationSettings> = {}) {
    const told = await runStory((task) => checkFederation(task, federation, { ...settings, ...more }));
    const report = runReport.parse(told.report);
    return { report, rows: report.tables[0]?.rows.slice(1) ?? [] };
  }

  it('shows that everything is there', async () => {
    const { report, rows } = await check(federationWith({}, ['deployer', 'packer', 'publisher']), { roles });
    assert.equal(report.summary, 'All 6 checks passed; nothing was changed.');
    assert.deepEqual(
      rows.map(([title, result]) => [title, result]),
      [
        ['Get an ID token for the service connection', 'ok'],
        ['Assume deployer', 'ok'],
        ['Assume packer', 'ok'],
        ['Assume publisher', 'ok'],
        ['Ask AWS who this is', 'ok'],
        ['Account is allowed', 'ok'],
      ],
    );
  });

  it('shows what is missing, what was not tried, and fails with what to do', async () => {
    const legs = [tokenLeg(), { title: 'Assume deployer', take: () => Promise.reject(denied) }];
    const { report, rows } = await check(federationWith({ legs }));
    assert.deepEqual(
      rows.map((row) => row.slice(1)),
      [
        ['ok', payloads.vstoken.sub],
        ['missing', 'ACCESS_DENIED'],
        ['not tried', ''],
        ['not tried', ''],
      ],
    );
    assert.deepEqual(
      [report.outcome, report.error?.code, report.error?.remedy],
      ['failed', 'ACCESS_DENIED', 'Paste this.'],
    );
  });

  it('finds an account that is not allowed', async () => {
    const { report, rows } = await check(federationWith(), { allowedAccounts: ['777788889999'] });
    assert.deepEqual(rows.at(-1), ['Account is allowed', 'missing', 'ACCOUNT_NOT_ALLOWED']);
    assert.equal(report.outcome, 'failed');
  });

  it('does not take an error nobody foresaw for something missing', async () => {
    const { report, rows } = await check(
      federationWith({ callerIdentity: () => Promise.reject(new TypeError('x is undefined')) }),
    );
    assert.equal(report.error?.code, 'INTERNAL');
    assert.match(report.error?.what ?? '', /: x is undefined$/);
    assert.deepEqual(rows, []);
  });
});
