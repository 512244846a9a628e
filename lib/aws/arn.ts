/** The parts of an IAM role's ARN. */
export interface RoleArn {
  readonly arn: string;
  /** `aws`, `aws-cn`, `aws-us-gov`, … */
  readonly partition: string;
  /** Twelve digits. */
  readonly accountId: string;
  /** The role's name without its path. */
  readonly roleName: string;
}

/** IAM User Guide, "IAM identifiers": path and name of a role. */
const roleArn = /^arn:(aws[a-z0-9-]*):iam::(\d{12}):role((?:\/[\x21-\x2e\x30-\x7e]+)*)\/([\w+=,.@-]{1,64})$/;

/** Reads a role's ARN; white space around it is ignored. Undefined when it is no role's ARN. */
export function parseRoleArn(text: string): RoleArn | undefined {
  const arn = text.trim();
  const [, partition, accountId, , roleName] = roleArn.exec(arn) ?? [];
  return partition && accountId && roleName ? { arn, partition, accountId, roleName } : undefined;
}
