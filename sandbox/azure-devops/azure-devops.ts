/** Azure DevOps as a job sees it: the endpoint that hands out ID tokens, and the issuers that vouch for them. */
import type { Site, Surroundings } from '../http.ts';
import type { IssuerName } from './claims.ts';
import { createIssuer, type Issuer } from './issuer.ts';
import { collectionUri, type JobRequest, Jobs, type SandboxJob } from './jobs.ts';
import { createOidcTokenService } from './oidc-token.ts';
import { signInSite } from './refusals.ts';

interface AzureDevOps {
  readonly collectionUri: string;
  readonly sites: readonly Site[];
  readonly issuers: Readonly<Record<IssuerName, Issuer>>;
  readonly openJob: (job: JobRequest) => SandboxJob;
}

/** Starts the organisation of a world, without any running job. */
export function createAzureDevOps(surroundings: Surroundings): AzureDevOps {
  const jobs = new Jobs(surroundings);
  const issuers = {
    vstoken: createIssuer('vstoken', surroundings),
    entra: createIssuer('entra', surroundings),
    entraV1: createIssuer('entraV1', surroundings),
  };
  for (const { issuer } of Object.values(surroundings.world.connections)) issuers[issuer].warmUp();
  return {
    collectionUri: collectionUri(surroundings.world.organization),
    sites: [
      {
        serves: (host) => host === 'dev.azure.com',
        service: createOidcTokenService(surroundings, jobs, issuers),
      },
      issuers.vstoken.site,
      issuers.entra.site,
      issuers.entraV1.site,
      signInSite,
    ],
    issuers,
    openJob: (job) => jobs.open(job),
  };
}
