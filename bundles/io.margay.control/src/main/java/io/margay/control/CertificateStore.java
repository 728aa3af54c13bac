// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Service: the stored certificates, for a {@link CertificateProvider}. Called on the loop of the control socket; stages
 * complete there within bounded time.
 */
@ProviderType
public interface CertificateStore {

    /** Whether there is one of the name. */
    boolean has(String name);

    /**
     * What is stored.
     *
     * @return PEM with the private key, not to be shown to anybody; fails when there is none
     */
    CompletionStage<byte[]> load(String name);

    /**
     * Stores a bundle as an upload does: checked, in place of the one before, in service when it is answered.
     *
     * @param who brings it, for the log
     * @return the answer to the upload; 200 when it is in service
     */
    CompletionStage<ControlReply> store(String name, byte[] pem, String who);
}
