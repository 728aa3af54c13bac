// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.certificate.BundleException;
import io.margay.certificate.CertificateReader;
import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import java.util.Optional;

/** Certificate chains ({@code spec/control-api.md §8}). */
final class CertificateRules implements ContentRules {

    private final CertificateReader reader;

    CertificateRules(CertificateReader reader) {
        this.reader = reader;
    }

    @Override
    public String noun() {
        return "Certificate";
    }

    @Override
    public String lowerNoun() {
        return "certificate";
    }

    @Override
    public String uploaded() {
        return "Certificate chain uploaded.";
    }

    @Override
    public String notStored() {
        return "Failed to store certificate.";
    }

    @Override
    public boolean isReplaceable() {
        return true;
    }

    @Override
    public Conf inspect(String name, byte[] content) throws InvalidContentException {
        try {
            return reader.isTrust(content) ? CertificateInfo.of(reader.readTrust(content))
                : CertificateInfo.of(reader.read(content));
        } catch (BundleException e) {
            throw new InvalidContentException(e.getMessage(), e);
        }
    }

    @Override
    public boolean isUsed(ConfObject configuration, String name) {
        return isIn(configuration, name);
    }

    /** Whether an object {@code tls} somewhere in a value names it: of a listener, an upstream or an action. */
    private static boolean isIn(Conf value, String name) {
        if (value instanceof ConfArray array) {
            return array.elements().stream().anyMatch(element -> isIn(element, name));
        }
        return value instanceof ConfObject object && (object.object("tls").filter(tls ->
            names(tls.get("certificate"), name) || names(tls.get("ca"), name)
                || names(tls.object("client").flatMap(client -> client.get("ca")), name)).isPresent()
            || object.members().values().stream().anyMatch(member -> isIn(member, name)));
    }

    /** Whether a string is the name, or one of an array is. */
    static boolean names(Optional<Conf> value, String name) {
        ConfString wanted = new ConfString(name);
        return value.filter(found -> found.equals(wanted)
            || found instanceof ConfArray array && array.elements().contains(wanted)).isPresent();
    }
}
