// Says who AWS takes this step for, by nothing but the SDK's default credential chain.
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { HttpsProxyAgent } from 'https-proxy-agent';

const { HTTPS_PROXY } = process.env;
const requestHandler = new NodeHttpHandler(
  HTTPS_PROXY ? { httpsAgent: new HttpsProxyAgent(HTTPS_PROXY) } : {},
);
const { Arn } = await new STSClient({ requestHandler }).send(new GetCallerIdentityCommand({}));
console.log(`I am ${Arn}.`);
