/** Variables by which a machine says where its AWS credentials are (AWS SDKs Reference Guide, "Environment variables"). */
const awsVariables = /^(AWS_|HOME$|USERPROFILE$)/;

/** What a later process needs to look in the same places: this step's hand-off will have changed the variables by then. */
export function machineEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const entries = Object.entries(environment).filter(([name, value]) => awsVariables.test(name) && value);
  return Object.fromEntries(entries as [string, string][]);
}

/** Makes the variables of a process those that `machineEnvironment` took, no more and no less. */
export function restoreMachineEnvironment(
  environment: NodeJS.ProcessEnv,
  taken: Readonly<Record<string, string>>,
): void {
  for (const name of Object.keys(environment)) {
    if (awsVariables.test(name)) delete environment[name];
  }
  Object.assign(environment, taken);
}
