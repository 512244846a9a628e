/** The accounts, providers and users that every case plays with. */

export const home = '111122223333';
export const partner = '444455556666';

export const organization = '8a6e0c57-0f0d-4c7f-9a51-3a2f4a7d5b10';

/** Providers by URL. The third is registered with nobody. */
export const providers = {
  vstoken: `https://vstoken.dev.azure.com/${organization}`,
  entra: 'https://login.microsoftonline.com/0b1f7c9e-93d0-4b0a-8f55-6f1f0f6a2c11/v2.0',
  unregistered: 'https://idp.example.com',
} as const;

export type ProviderName = keyof typeof providers;

export const clientIds = ['api://AzureADTokenExchange', '499b84ac-1321-427f-aa17-267ca6975798'];

/** A provider's URL without its scheme, as condition keys and ARNs have it. */
export const providerKey = (name: ProviderName) => providers[name].slice('https://'.length);
export const providerArn = (name: ProviderName, account = home) =>
  `arn:aws:iam::${account}:oidc-provider/${providerKey(name)}`;

const assumeAnything = {
  Version: '2012-10-17' as const,
  Statement: [{ Effect: 'Allow' as const, Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: '*' }],
};

/** Users by name; none of them has a policy about anything but assuming roles. */
export const users = {
  alice: { account: home, policy: assumeAnything },
  bob: { account: partner, policy: assumeAnything },
  /** May assume every role but those under /restricted/. */
  carol: {
    account: home,
    policy: {
      Version: '2012-10-17' as const,
      Statement: [
        { Effect: 'Allow' as const, Action: 'sts:*', Resource: `arn:aws:iam::${home}:role/*` },
        {
          Effect: 'Deny' as const,
          Action: 'sts:AssumeRole',
          Resource: `arn:aws:iam::${home}:role/restricted/*`,
        },
      ],
    },
  },
  /** Has no policy at all. */
  dave: { account: partner, policy: undefined },
} as const;

/** The role whose session assumes further roles. */
export const hub = {
  name: 'hub',
  arn: `arn:aws:iam::${home}:role/hub`,
  sessionName: 'chained',
  sessionArn: `arn:aws:sts::${home}:assumed-role/hub/chained`,
  trustPolicy: {
    Version: '2012-10-17' as const,
    Statement: [
      {
        Effect: 'Allow' as const,
        Principal: { AWS: `arn:aws:iam::${home}:user/alice` },
        Action: 'sts:AssumeRole',
      },
    ],
  },
  policy: assumeAnything,
} as const;
