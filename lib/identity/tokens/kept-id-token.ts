import type { IdToken } from './id-token.ts';
import type { IdTokenSource } from './id-token-source.ts';
import { type RequestOptions, requestIdToken } from './request-id-token.ts';

/** Seconds an ID token must still be valid for when it is sent. */
const leastValidity = 30;

/** The ID token of one federation, asked for anew when the one at hand may have expired. */
export interface KeptIdToken {
  current(): Promise<IdToken>;
  /** The one that was last given out. */
  last(): IdToken;
  /** Seconds by which the issuer's clock is ahead of this machine's; undefined while unknown. */
  clockAhead(): number | undefined;
}

export function keepIdToken(source: IdTokenSource, options: RequestOptions): KeptIdToken {
  let token: IdToken | undefined;
  let clockAhead: number | undefined;
  return {
    async current() {
      const now = Date.now() + (clockAhead ?? 0) * 1000;
      if (token && token.claims.expiresAt.getTime() - now > leastValidity * 1000) return token;
      const answer = await requestIdToken(source, options);
      clockAhead = answer.clockAhead;
      token = answer.token;
      return token;
    },
    last() {
      if (!token) throw new Error('no ID token has been asked for');
      return token;
    },
    clockAhead: () => clockAhead,
  };
}
