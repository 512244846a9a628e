// Prints who the credentials at hand belong to. It names no credentials: the SDK finds them by its default chain.
// Needs: npm install @aws-sdk/client-sts @smithy/node-http-handler https-proxy-agent
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { HttpsProxyAgent } from 'https-proxy-agent';

// The AWS SDK for JavaScript does not read HTTPS_PROXY. Behind a proxy it has to be told; elsewhere leave this out.
const proxy = process.env.HTTPS_PROXY;
const requestHandler = proxy ? new NodeHttpHandler({ httpsAgent: new HttpsProxyAgent(proxy) }) : undefined;

const sts = new STSClient({ requestHandler });
const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
console.log(`I am ${Arn} in account ${Account}.`);
