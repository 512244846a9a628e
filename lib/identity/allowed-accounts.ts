import { DeliveryError } from '../errors/index.ts';

/** @throws DeliveryError ACCOUNT_NOT_ALLOWED when the account is not in a list that is not empty */
export function checkAccountAllowed(accountId: string, allowedAccounts: readonly string[]): void {
  if (allowedAccounts.length === 0 || allowedAccounts.includes(accountId)) return;
  throw new DeliveryError({
    code: 'ACCOUNT_NOT_ALLOWED',
    what: `Account ${accountId} is not among the allowed accounts.`,
    why: `Allowed: ${allowedAccounts.join(', ')}.`,
    remedy: "Correct the role's ARN, or add the account to allowedAccounts (input or service connection).",
  });
}
