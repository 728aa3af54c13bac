// SPDX-License-Identifier: Apache-2.0
package io.margay.certificate;

import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/** Certificates that are stored, for who uses them by name; a service of the router. On its control thread. */
@ProviderType
public interface CertificateSource {

    /**
     * Fetches what is stored now.
     *
     * @return the stage fails when there is none of the name, with a message for the user
     */
    CompletionStage<CertificateBundle> load(String name);

    /**
     * Fetches authorities that are trusted.
     *
     * @return the stage fails when there are none of the name, with a message for the user
     */
    CompletionStage<TrustBundle> trust(String name);
}
