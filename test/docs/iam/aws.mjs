// As much of the AWS CLI's `iam` as examples/trust/*.sh use, over the JSON file that IAM_STATE names. Its only purpose is
// to see what the scripts would leave in an account; what it does not know, it refuses.
import { readFileSync, writeFileSync } from 'node:fs';

const [service, operation, ...words] = process.argv.slice(2);
const options = {};
for (let index = 0; index < words.length; index += 2) {
  if (!/^--[a-z-]+$/.test(words[index] ?? '') || words[index + 1] === undefined)
    fail(`Unknown options: ${words}`);
  options[words[index].slice(2)] = words[index + 1];
}
const state = JSON.parse(readFileSync(process.env.IAM_STATE, 'utf8'));
const { roles, providers } = state;
const account = 'arn:aws:iam::111122223333';

const operations = {
  'sts get-caller-identity': () => 'arn:aws:sts::111122223333:assumed-role/admin/cloudshell',
  'iam get-open-id-connect-provider': () => provider().join('\t'),
  'iam create-open-id-connect-provider': () => {
    providers[`${account}:oidc-provider/${take('url').replace('https://', '')}`] = [take('client-id-list')];
  },
  'iam add-client-id-to-open-id-connect-provider': () => void provider().push(take('client-id')),
  'iam delete-open-id-connect-provider': () => {
    provider();
    delete providers[options['open-id-connect-provider-arn']];
  },
  'iam get-role': () => JSON.stringify(role(), null, 4),
  'iam create-role': () => {
    if (roles[options['role-name']]) fail('EntityAlreadyExists');
    roles[take('role-name')] = policy('assume-role-policy-document');
  },
  'iam update-assume-role-policy': () => {
    role();
    roles[options['role-name']] = policy('policy-document');
  },
  'iam list-attached-role-policies': () => role() && '',
  'iam list-role-policies': () => role() && '',
  'iam delete-role': () => {
    role();
    delete roles[options['role-name']];
  },
  'iam list-roles': () => {
    const [, text] =
      /contains\(to_string\(AssumeRolePolicyDocument\), '(.*)'\)/.exec(take('query')) ?? fail('query');
    const trusting = Object.entries(roles).filter(([, document]) => JSON.stringify(document).includes(text));
    return trusting.map(([name]) => name).join('\t');
  },
};

const work = operations[`${service} ${operation}`] ?? fail(`Unknown operation: ${service} ${operation}`);
const answer = work();
writeFileSync(process.env.IAM_STATE, JSON.stringify(state));
if (answer !== undefined) console.log(answer);

function take(name) {
  return options[name] ?? fail(`the following arguments are required: --${name}`);
}

function provider() {
  return providers[take('open-id-connect-provider-arn')] ?? fail('NoSuchEntity');
}

function role() {
  return roles[take('role-name')] ?? fail('NoSuchEntity');
}

function policy(name) {
  const text = take(name);
  return JSON.parse(text.startsWith('file://') ? readFileSync(text.slice(7), 'utf8') : text);
}

function fail(message) {
  console.error(message);
  process.exit(254);
}
