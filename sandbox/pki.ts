/** Certificate authorities made at start, and the certificates by which simulated hosts prove their names. */
// @peculiar/x509 resolves its parts through decorators, which need this first.
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import * as x509 from '@peculiar/x509';

/** A certificate authority. */
export interface Authority {
  /** Its certificate, as clients are to trust it. */
  readonly certificatePem: string;
  /** TLS keys and certificate of a host, made once per host. */
  readonly contextFor: (host: string) => Promise<SecureContext>;
}

const curve = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const;
const day = 24 * 60 * 60 * 1000;

/** Valid from yesterday, for clocks that run late, for a month. */
const validity = () => ({ notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + 30 * day) });

/** A positive number of at most 20 octets (RFC 5280 §4.1.2.2). */
const serialNumber = () => `01${randomBytes(15).toString('hex')}`;

/**
 * Makes a certificate authority with an EC P-256 key.
 *
 * @param name its common name, which TLS clients print when they do not trust it
 */
export async function createAuthority(name: string): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(curve, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${name}`,
    keys,
    signingAlgorithm,
    ...validity(),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });

  const leafKeys = await webcrypto.subtle.generateKey(curve, true, ['sign', 'verify']);
  const leafKeyPem = x509.PemConverter.encode(
    await webcrypto.subtle.exportKey('pkcs8', leafKeys.privateKey),
    'PRIVATE KEY',
  );

  const issue = async (host: string): Promise<SecureContext> => {
    const leaf = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      // A common name has 64 characters at most (RFC 5280 appendix A.1); clients read the alternative name.
      subject: `CN=${host.slice(0, 64)}`,
      issuer: certificate.subject,
      publicKey: leafKeys.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm,
      ...validity(),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: host }]),
        await x509.SubjectKeyIdentifierExtension.create(leafKeys.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(certificate),
      ],
    });
    return createSecureContext({ key: leafKeyPem, cert: leaf.toString('pem'), minVersion: 'TLSv1.2' });
  };

  const contexts = new Map<string, Promise<SecureContext>>();
  return {
    certificatePem: certificate.toString('pem'),
    contextFor(host) {
      const known = contexts.get(host);
      if (known !== undefined) return known;
      const context = issue(host);
      contexts.set(host, context);
      return context;
    },
  };
}
