/*
 * What an agent starts for every handler of every task. It is ES5 on purpose: on hosts with an old glibc the
 * agent falls back to Node 16 (or older), which cannot even parse the task, and would tell the user about a
 * syntax error. TASK, MINIMUM_NODE and BUNDLE are filled in by the build.
 */
var found = process.versions.node;
var refusal =
  'NODE_TOO_OLD: ' +
  TASK +
  ' needs Node.js ' +
  MINIMUM_NODE +
  ' or later, and this agent ran it with Node.js ' +
  found +
  '. Update the agent; if it is up to date, its operating system is too old for the newer Node.js that the' +
  ' agent ships (glibc 2.28 or later is needed), so run the job on a newer system or in a container.' +
  ' Help: https://github.com/keyless-delivery/keyless-delivery/blob/main/docs/troubleshooting.md#node_too_old';

if (parseInt(found, 10) < MINIMUM_NODE) {
  console.log('##vso[task.logissue type=error;code=NODE_TOO_OLD;]' + refusal);
  console.log('##vso[task.complete result=Failed;]' + refusal);
} else {
  require(BUNDLE);
}
