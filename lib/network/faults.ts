import { AuthoritiesError } from './connections.ts';
import { AnswerTooLargeError, TimedOutError } from './http.ts';
import { DeadlineError } from './retry.ts';
import { ProxyRefusedError } from './tunnel.ts';

/** Why no answer came. `tls` and `proxy` are somebody's configuration; the others may pass. */
export type NetworkFault =
  | { readonly kind: 'dns'; readonly detail: string }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'reset'; readonly detail: string }
  | { readonly kind: 'timeout'; readonly detail: string }
  | { readonly kind: 'tls'; readonly detail: string }
  | { readonly kind: 'proxy'; readonly detail: string; readonly statusCode: number };

const byCode: Readonly<Record<string, NetworkFault['kind']>> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  EADDRNOTAVAIL: 'refused',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
  // OpenSSL's verification results, as Node names them (doc/api/tls.md, "X509 certificate error codes").
  CERT_CHAIN_TOO_LONG: 'tls',
  CERT_HAS_EXPIRED: 'tls',
  CERT_NOT_YET_VALID: 'tls',
  CERT_REJECTED: 'tls',
  CERT_SIGNATURE_FAILURE: 'tls',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls',
  UNABLE_TO_GET_ISSUER_CERT: 'tls',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls',
  CERT_UNTRUSTED: 'tls',
  CERT_REVOKED: 'tls',
  HOSTNAME_MISMATCH: 'tls',
  INVALID_CA: 'tls',
  INVALID_PURPOSE: 'tls',
  PATH_LENGTH_EXCEEDED: 'tls',
};

/** Codes that come in families: OpenSSL's errors in a handshake, and what is not HTTP for Node's parser. */
const byPrefix: readonly (readonly [RegExp, NetworkFault['kind']])[] = [
  [/^(ERR_SSL|ERR_TLS|EPROTO)/, 'tls'],
  [/^HPE_/, 'reset'],
];

/** What kind of network fault an error is (its causes included), or undefined when a service has spoken. */
export function networkFaultOf(error: unknown): NetworkFault | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof ProxyRefusedError) {
    return { kind: 'proxy', detail: error.message, statusCode: error.statusCode };
  }
  if (error instanceof TimedOutError || error instanceof DeadlineError || error.name === 'TimeoutError') {
    return { kind: 'timeout', detail: error.message };
  }
  if (error instanceof AnswerTooLargeError) return { kind: 'reset', detail: error.message };
  if (error instanceof AuthoritiesError) return { kind: 'tls', detail: error.message };
  const { code } = error as NodeJS.ErrnoException;
  const kind =
    typeof code === 'string'
      ? (byCode[code] ?? byPrefix.find(([family]) => family.test(code))?.[1])
      : undefined;
  if (kind && kind !== 'proxy') return { kind, detail: `${code}: ${error.message}` };
  // "socket hang up" carries ECONNRESET; happy-eyeballs wraps one error for each address.
  if (error instanceof AggregateError) return networkFaultOf(error.errors[0]);
  return networkFaultOf(error.cause);
}

/** Whether the same request may succeed a moment later. A proxy's 5xx may pass, its 407 or 403 will not. */
export function isTransient(fault: NetworkFault): boolean {
  return fault.kind === 'proxy' ? fault.statusCode >= 500 : fault.kind !== 'tls';
}

/** Seconds a Retry-After header asks for (RFC 9110, 10.2.3: seconds or a date), or undefined. */
export function retryAfterSeconds(value: string | undefined, now: number): number | undefined {
  if (!value) return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
}
