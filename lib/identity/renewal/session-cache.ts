import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import type { AwsCredentials } from '../../aws/index.ts';
import { writePrivateFile } from '../hand-off/private-files.ts';

const cachedSession = z.object({
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  sessionToken: z.optional(z.string()),
  /** ISO 8601; keys that are not a session's have no end. */
  expiration: z.optional(z.string()),
  /** When STS issued it, ISO 8601; with `expiration` it tells how long the session was meant to live. */
  issued: z.string(),
});

export interface CachedSession {
  readonly credentials: AwsCredentials;
  readonly issued: Date;
}

/** Seconds before the end at which a session is renewed at the latest: botocore asks anew from 15 minutes on. */
const longestMargin = 20 * 60;

/** The session in the file, or undefined when there is none that can be read. */
export function readSession(file: string): CachedSession | undefined {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
  const parsed = cachedSession.safeParse(content);
  if (!parsed.success) return undefined;
  const { expiration, issued, ...keys } = parsed.data;
  const end = expiration === undefined ? undefined : new Date(expiration);
  return { credentials: { ...keys, expiration: end }, issued: new Date(issued) };
}

/** Replaces the file in one step, so that a reader never sees half a session. */
export function writeSession(file: string, credentials: AwsCredentials, issued: Date): void {
  const content = {
    ...credentials,
    expiration: credentials.expiration?.toISOString(),
    issued: issued.toISOString(),
  };
  writePrivateFile(file, JSON.stringify(content));
}

/** Whether a session is handed out as it is: more is left than the lesser of 20 minutes and a third of its life. */
export function isFresh(session: CachedSession, now: number): boolean {
  const end = session.credentials.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
  const margin = Math.min(longestMargin * 1000, (end - session.issued.getTime()) / 3);
  return end - now > margin;
}

/** Whether a session can still be used at all, should its renewal fail. */
export function isUsable(session: CachedSession, now: number): boolean {
  const end = session.credentials.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
  return end - now > 5000;
}
