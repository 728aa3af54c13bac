// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.certificate.CertificateKind;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.listen.TlsOptions;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What listeners may describe instead of naming a stored certificate, at one moment. On the control loop. */
final class CertificateKinds {
    private final Map<String, CertificateKind> kinds = new HashMap<>();

    /** Adds one; its name is returned. */
    String add(CertificateKind kind) {
        String option = kind.option();
        kinds.put(option, kind);
        return option;
    }

    /**
     * Reads the options of a listener, with the names of what it describes.
     *
     * @throws ApplyException when nobody knows what it describes
     */
    Optional<TlsOptions> options(String address, ConfObject listener) {
        return TlsOptions.of(listener, described -> name(address, described));
    }

    private String name(String address, ConfObject described) {
        String option = described.members().keySet().stream().findFirst().orElse("");
        CertificateKind kind = kinds.get(option);
        if (kind == null || described.size() > 1) {
            throw refused(address, "No installed bundle supports \"" + option + "\".");
        }
        try {
            return kind.name(described.get(option).orElseThrow());
        } catch (IllegalArgumentException e) {
            throw refused(address, e.getMessage());
        } catch (RuntimeException | LinkageError e) {
            throw refused(address, "The certificate \"" + option + "\" cannot be named: " + e);
        }
    }

    private static ApplyException refused(String address, String text) {
        return new ApplyException(ApplyException.Part.OPTION, ConfPointer.ROOT.child("listeners").child(address)
            .child("tls").child("certificate").toString(), text);
    }
}
