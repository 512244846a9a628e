import assert from 'node:assert/strict';
import { type Fault, FaultScript, faultSchema } from '../../sandbox/faults.ts';

const script = (...faults: Fault[]) => new FaultScript(faults.map((fault) => faultSchema.parse(fault)));
const asking = (host: string, operation = 'AssumeRoleWithWebIdentity', path = '/') => ({
  host,
  request: { operation, path },
});

describe('sandbox/faults', () => {
  it('strikes its host, or every host', () => {
    assert.ok(script({ host: 'a.example', reset: true }).strike(asking('a.example')));
    assert.equal(script({ host: 'a.example', reset: true }).strike(asking('b.example')), undefined);
    assert.ok(script({ host: '*', reset: true }).strike(asking('b.example')));
  });

  it('strikes its operation and the paths that begin so', () => {
    const operation = script({ host: '*', operation: 'GetCallerIdentity', stall: true });
    assert.equal(operation.strike(asking('a')), undefined);
    assert.ok(operation.strike(asking('a', 'GetCallerIdentity')));
    const path = script({ host: '*', path: '/v2/', stall: true });
    assert.equal(path.strike(asking('a', 'x', '/v3/x')), undefined);
    assert.ok(path.strike(asking('a', 'x', '/v2/x')));
  });

  it('counts its strikes, and only those that struck', () => {
    const faults = script({ host: 'a', times: 2, reset: true }, { host: 'a', times: 1, stall: true });
    assert.equal(faults.strike(asking('b')), undefined);
    const struck = Array.from({ length: 4 }, () => faults.strike(asking('a')));
    assert.deepEqual(
      struck.map((fault) => (fault?.reset ? 'reset' : fault?.stall ? 'stall' : 'none')),
      ['reset', 'reset', 'stall', 'none'],
    );
  });

  it('strikes for ever without a count', () => {
    const faults = script({ host: 'a', reset: true });
    for (let time = 0; time < 50; time++) assert.ok(faults.strike(asking('a')));
  });

  it('keeps what strikes a connection apart from what strikes a request', () => {
    const onRequest: Fault = { host: 'a', reset: true, times: 1 };
    const onConnection: Fault = { host: 'a', dnsFailure: true, times: 1 };
    for (const faults of [script(onRequest, onConnection), script(onConnection, onRequest)]) {
      assert.ok(faults.strike({ host: 'a' })?.dnsFailure);
      assert.equal(faults.strike({ host: 'a' }), undefined);
      assert.ok(faults.strike(asking('a'))?.reset);
      assert.equal(faults.strike(asking('a')), undefined);
    }
  });

  it('sees faults that were added later', () => {
    const list = [faultSchema.parse({ host: 'a', reset: true, times: 1 })];
    const faults = new FaultScript(list);
    assert.ok(faults.strike(asking('a'))?.reset);
    list.push(faultSchema.parse({ host: 'a', stall: true }));
    assert.ok(faults.strike(asking('a'))?.stall);
  });

  const wrong: readonly [string, object, RegExp][] = [
    ['no effect', { host: 'a' }, /write one of answer, reset, stall/],
    ['two effects', { host: 'a', reset: true, stall: true }, /write one of/],
    [
      'an operation before any request',
      { host: 'a', operation: 'X', refuseConnect: 502 },
      /take it out: refuseConnect strikes before/,
    ],
    ['a path before any request', { host: 'a', path: '/', dnsFailure: true }, /take it out: dnsFailure/],
    ['a delay before any request', { host: 'a', delaySeconds: 1, untrustedCertificate: true }, /take it out/],
    ['reset: false', { host: 'a', reset: false }, /write true, or leave it out/],
    ['a count of none', { host: 'a', reset: true, times: 0 }, /write 1 or more/],
    ['a status that is none', { host: 'a', answer: { status: 99 } }, /write 200 to 599/],
    ['an unknown key', { host: 'a', reset: true, status: 500 }, /not known here/],
  ];
  for (const [what, fault, says] of wrong) {
    it(`refuses ${what}`, () => {
      const { error } = faultSchema.safeParse(fault);
      assert.match(error?.issues.map(({ message }) => message).join('\n') ?? '', says);
    });
  }

  it('takes a delay beside an answer', () => {
    const fault = script({ host: 'a', delaySeconds: 0.5, answer: { status: 503 } }).strike(asking('a'));
    assert.deepEqual(fault?.answer, { status: 503, headers: {}, body: '' });
    assert.equal(fault?.delaySeconds, 0.5);
  });
});
