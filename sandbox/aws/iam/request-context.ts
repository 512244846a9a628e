/**
 * The request context: what a request says about itself, by condition key.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html#AccessPolicyLanguage_RequestContext
 */

/** A single-valued key has a text, a multivalued one a list. */
export type ContextValue = string | readonly string[];

/** What is known of a key in this request; `unknown` where no document says what value the service gives it. */
export type KeyState =
  | { readonly state: 'present'; readonly value: ContextValue }
  | { readonly state: 'absent' }
  | { readonly state: 'unknown' };

export interface RequestContext {
  /** Key names are compared without regard to case (reference_policies_elements_condition.html). */
  lookUp(key: string): KeyState;
}

/** A key and its value; undefined where the request has none. */
export type ContextKey = readonly [name: string, value: ContextValue | undefined];

/**
 * A context of the given keys. Every other key is absent, if `isKnown` (given lower-case names) says so; else nobody
 * outside AWS knows.
 */
export function requestContext(
  keys: Iterable<ContextKey>,
  isKnown: (key: string) => boolean,
): RequestContext {
  const values = new Map<string, ContextValue>();
  for (const [key, value] of keys) {
    // A multivalued key without values is not in the request at all.
    if (value !== undefined && (typeof value === 'string' || value.length > 0))
      values.set(key.toLowerCase(), value);
  }
  return {
    lookUp(key) {
      const name = key.toLowerCase();
      const value = values.get(name);
      if (value !== undefined) return { state: 'present', value };
      return { state: isKnown(name) ? 'absent' : 'unknown' };
    },
  };
}
