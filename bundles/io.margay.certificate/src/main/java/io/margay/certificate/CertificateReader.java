// SPDX-License-Identifier: Apache-2.0
package io.margay.certificate;

import org.osgi.annotation.versioning.ProviderType;

/** Reads uploaded certificate bundles, as a service of the bundle. For any thread. */
@ProviderType
public interface CertificateReader {

    /**
     * Reads a chain and its private key.
     *
     * @param pem the upload, at most {@link CertificateBundle#MAX_SIZE} bytes
     * @throws BundleException with a text for the user, when they do not fit together or are too weak
     */
    CertificateBundle read(byte[] pem) throws BundleException;

    /**
     * Whether a bundle without a key is meant, one of authorities that are trusted: all its certificates are those of
     * authorities, or it has a list of revocations.
     *
     * @param pem the upload, at most {@link CertificateBundle#MAX_SIZE} bytes
     * @throws BundleException with a text for the user, when it cannot be read at all
     */
    default boolean isTrust(byte[] pem) throws BundleException {
        return TrustBundle.isMeant(pem);
    }

    /**
     * Reads authorities that are trusted, and what they have revoked.
     *
     * @param pem the upload, at most {@link CertificateBundle#MAX_SIZE} bytes
     * @throws BundleException with a text for the user
     */
    default TrustBundle readTrust(byte[] pem) throws BundleException {
        return TrustBundle.parse(pem);
    }
}
