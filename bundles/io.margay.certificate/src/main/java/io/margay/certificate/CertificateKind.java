// SPDX-License-Identifier: Apache-2.0
package io.margay.certificate;

import io.margay.conf.Conf;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Service of the router: a way in which a listener can describe a certificate instead of naming it. The object {@code
 * {"KIND": VALUE}} may then stand where the name of a stored certificate may ({@link DescribedCertificate}). It is
 * found by the capability {@code kind=certificate; name=KIND}; its schema adds a variant to the type {@code
 * tls-certificate}, and who puts the certificate into the store is another part of the same bundle.
 */
@ConsumerType
public interface CertificateKind {

    /** The name of the member, such as {@code acme}; always the same. */
    String option();

    /**
     * The name under which what is described is stored, by the time the configuration comes into force: the same for
     * values that mean the same, in all processes and for good. On the control thread; MUST not block.
     *
     * @param value of the member, as the schema allows it
     * @throws IllegalArgumentException with a text for the user, if it describes none
     */
    String name(Conf value);
}
