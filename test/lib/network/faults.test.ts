import assert from 'node:assert/strict';
import {
  DeadlineError,
  isTransient,
  networkFaultOf,
  ProxyRefusedError,
  TimedOutError,
} from '../../../lib/network/index.ts';

const coded = (code: string, message = 'it says') => Object.assign(new Error(message), { code });

describe('network faults', () => {
  const kinds: Record<string, { transient: boolean; codes: string[] }> = {
    dns: { transient: true, codes: ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL'] },
    refused: { transient: true, codes: ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'] },
    reset: { transient: true, codes: ['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'HPE_INVALID_CONSTANT'] },
    timeout: { transient: true, codes: ['ETIMEDOUT'] },
    tls: {
      transient: false,
      // The codes of X509 verification in Node's documentation of TLS, and what OpenSSL says of a handshake.
      codes: [
        'CERT_CHAIN_TOO_LONG',
        'CERT_HAS_EXPIRED',
        'CERT_NOT_YET_VALID',
        'CERT_REJECTED',
        'CERT_REVOKED',
        'CERT_SIGNATURE_FAILURE',
        'CERT_UNTRUSTED',
        'DEPTH_ZERO_SELF_SIGNED_CERT',
        'EPROTO',
        'ERR_SSL_WRONG_VERSION_NUMBER',
        'ERR_TLS_CERT_ALTNAME_INVALID',
        'HOSTNAME_MISMATCH',
        'INVALID_CA',
        'INVALID_PURPOSE',
        'PATH_LENGTH_EXCEEDED',
        'SELF_SIGNED_CERT_IN_CHAIN',
        'UNABLE_TO_GET_ISSUER_CERT',
        'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
        'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      ],
    },
  };
  for (const [kind, { transient, codes }] of Object.entries(kinds)) {
    for (const code of codes) {
      it(`${code} is of the kind ${kind}, ${transient ? 'worth' : 'not worth'} another try`, () => {
        const fault = networkFaultOf(coded(code));
        assert.deepEqual(fault, { kind, detail: `${code}: it says` });
        assert.equal(isTransient(fault), transient);
      });
    }
  }

  it('are found in the causes of an error', () => {
    const error = new Error('outer', { cause: new Error('inner', { cause: coded('ENOTFOUND') }) });
    assert.equal(networkFaultOf(error)?.kind, 'dns');
  });

  it('are found where each address of a host failed', () => {
    const error = new AggregateError([coded('ECONNREFUSED', '::1'), coded('ECONNREFUSED', '127.0.0.1')]);
    assert.deepEqual(networkFaultOf(error), { kind: 'refused', detail: 'ECONNREFUSED: ::1' });
  });

  it('are time-outs where nothing came in time', () => {
    const errors = [
      new TimedOutError('connect', 'sts.test'),
      new DeadlineError(25),
      new DOMException('', 'TimeoutError'),
    ];
    for (const error of errors) {
      assert.equal(networkFaultOf(error)?.kind, 'timeout', error.name);
    }
  });

  it("are the proxy's where it refused, with its status", () => {
    const fault = networkFaultOf(
      new ProxyRefusedError(
        new URL('http://user:secret@proxy.corp:3128'),
        407,
        'Proxy Authentication Required',
      ),
    );
    assert.deepEqual(fault, {
      kind: 'proxy',
      detail: 'the proxy proxy.corp:3128 answered 407 Proxy Authentication Required',
      statusCode: 407,
    });
  });

  it('are none where a service has spoken, or the code is nobody’s here', () => {
    for (const error of [
      new Error('AccessDenied'),
      coded('ENOENT'),
      coded('AccessDenied'),
      'ECONNRESET',
      undefined,
    ]) {
      assert.equal(networkFaultOf(error), undefined);
    }
  });
});
