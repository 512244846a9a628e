// The one command of the AWS CLI that the documents' pipelines need, for machines without the CLI. Credentials are found
// by the SDK's own default chain. The conformance suite runs the real CLI.
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { HttpsProxyAgent } from 'https-proxy-agent';

const [service, operation, ...options] = process.argv.slice(2);
const profile = options[0] === '--profile' ? options[1] : undefined;
if (service !== 'sts' || operation !== 'get-caller-identity' || (options.length > 0 && !profile)) {
  console.error(`this stand-in knows only: aws sts get-caller-identity [--profile NAME]`);
  process.exit(2);
}
if (profile) process.env.AWS_PROFILE = profile;
const sts = new STSClient({
  requestHandler: new NodeHttpHandler({ httpsAgent: new HttpsProxyAgent(process.env.HTTPS_PROXY) }),
});
const { UserId, Account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
console.log(JSON.stringify({ UserId, Account, Arn }, null, 4));
