/** Role sessions: the temporary credentials that STS has handed out, until they expire. */
import { randomBytes } from 'node:crypto';
import type { Policy } from './iam/policy-document.ts';
import type { ContextKey } from './iam/request-context.ts';
import { base32 } from './identities.ts';
import type { SessionAttributes } from './session-attributes.ts';

/** Who a session acts as. */
export interface SessionOwner {
  readonly partition: string;
  readonly account: string;
  readonly roleName: string;
  /** With the role's path. */
  readonly roleArn: string;
  /** `AROA…:session-name` */
  readonly userId: string;
  /** `arn:aws:sts::…:assumed-role/role/session-name` */
  readonly arn: string;
  readonly attributes: SessionAttributes;
  /** Session policies, which narrow what the role may do; undefined where none were passed. */
  readonly policies: readonly Policy[] | undefined;
  readonly webIdentity: WebIdentity | undefined;
}

/** What an identity provider said of whoever opened the session. */
export interface WebIdentity {
  /** The provider's ARN. */
  readonly provider: string;
  /** Condition keys of the token's claims. */
  readonly keys: readonly ContextKey[];
}

export interface Session {
  readonly owner: SessionOwner;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly issued: Date;
  readonly expiration: Date;
}

export interface Sessions {
  /** Opens a session of `seconds`; it is over when the clock says so, not earlier. */
  open(owner: SessionOwner, seconds: number): Session;
  /** A session by its access key id, also after its end. */
  find(accessKeyId: string): Session | undefined;
}

/** Sessions by the services' clock. Secrets are told to `rememberSecret` before anybody has them. */
export function createSessions(now: () => Date, rememberSecret: (secret: string) => void): Sessions {
  const byAccessKey = new Map<string, Session>();
  return {
    open(owner, seconds) {
      const issued = now();
      const session: Session = {
        owner,
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
        accessKeyId: `ASIA${base32(randomBytes(10))}`,
        secretAccessKey: randomBytes(30).toString('base64'),
        // "We strongly recommend that you make no assumptions about the maximum size" (API_Credentials.html): the
        // length varies, so that nobody comes to rely on one.
        sessionToken: randomBytes(300 + (randomBytes(1)[0] ?? 0)).toString('base64'),
        issued,
        // Whole seconds, as the answer shows them: a session is never over before its printed end.
        expiration: new Date(Math.ceil(issued.getTime() / 1000 + seconds) * 1000),
      };
      rememberSecret(session.secretAccessKey);
      rememberSecret(session.sessionToken);
      byAccessKey.set(session.accessKeyId, session);
      return session;
    },
    find: (accessKeyId) => byAccessKey.get(accessKeyId),
  };
}
