/**
 * Stands in for `@aws-sdk/credential-provider-node` in the bundles. Every client of a task is given its credentials;
 * the SDK's default chain would silently take whatever identity the agent's machine happens to have, and costs
 * 130 KB and 9 ms a start.
 */
export function defaultProvider(): () => Promise<never> {
  return () => Promise.reject(new Error('an AWS client was made without credentials'));
}
