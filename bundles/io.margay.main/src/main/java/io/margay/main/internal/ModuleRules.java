// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfString;
import io.margay.module.ModulePolicy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The member {@code modules} of the control policy: what extension bundles have to be.
 *
 * @param policy the rules
 * @param parkMillis how long what an update replaced is kept ready for a way back
 */
record ModuleRules(ModulePolicy policy, long parkMillis) {

    /** Without a rule. */
    static final long PARK_MILLIS = 30_000;

    private static final String MODULES = "modules";
    private static final Set<String> MEMBERS = Set.of("digests", "signers", "privileges", "rollback_time");
    private static final int MOST = 10_000;
    private static final long MAX_SECONDS = 3600;
    private static final long MILLIS = 1000;
    private static final String DIGEST = "[0-9a-f]{64}";

    /** Reads it from the policy, which is an object already. */
    static ModuleRules of(ConfObject file) throws ControlPolicy.Refused {
        if (!file.has(MODULES)) {
            return new ModuleRules(ModulePolicy.NONE, PARK_MILLIS);
        }
        ConfPointer place = ConfPointer.ROOT.child(MODULES);
        ConfObject rules = ControlPolicy.object(place, file.get(MODULES).orElseThrow(), MEMBERS);
        Optional<Set<String>> digests = Optional.empty();
        if (rules.has("digests")) {
            digests = Optional.of(texts(place.child("digests"), rules.get("digests").get(), DIGEST,
                "must be a SHA-256 of 64 hexadecimal digits in lower case"));
        }
        List<X509Certificate> signers = new ArrayList<>();
        if (rules.has("signers")) {
            for (Conf path : ControlPolicy.array(place.child("signers"), rules.get("signers"), MOST)) {
                signers.addAll(certificates(place.child("signers"), path));
            }
        }
        return new ModuleRules(new ModulePolicy(digests, signers, privileges(place.child("privileges"),
            rules.get("privileges"))), park(place.child("rollback_time"), rules.get("rollback_time")));
    }

    private static Set<String> texts(ConfPointer place, Conf value, String pattern, String what)
            throws ControlPolicy.Refused {
        if (!(value instanceof ConfArray array) || array.size() > MOST) {
            throw new ControlPolicy.Refused(place, "must be an array of at most " + MOST + " elements");
        }
        Set<String> texts = new LinkedHashSet<>();
        for (Conf text : array.elements()) {
            if (!(text instanceof ConfString string) || !string.value().matches(pattern)) {
                throw new ControlPolicy.Refused(place.child(texts.size()), what);
            }
            texts.add(string.value());
        }
        return texts;
    }

    private static Collection<X509Certificate> certificates(ConfPointer place, Conf value)
            throws ControlPolicy.Refused {
        if (!(value instanceof ConfString path) || !path.value().startsWith("/")) {
            throw new ControlPolicy.Refused(place, "must be absolute paths of files with certificates");
        }
        try (InputStream in = Files.newInputStream(Path.of(path.value()))) {
            List<X509Certificate> all = new ArrayList<>();
            for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                all.add((X509Certificate) each);
            }
            if (all.isEmpty()) {
                throw new ControlPolicy.Refused(place, "\"" + path.value() + "\" holds no certificate");
            }
            return all;
        } catch (IOException | CertificateException e) {
            throw new ControlPolicy.Refused(place, "\"" + path.value() + "\" cannot be read: " + e.getMessage());
        }
    }

    private static Optional<Map<String, Set<String>>> privileges(ConfPointer place, Optional<Conf> value)
            throws ControlPolicy.Refused {
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (!(value.get() instanceof ConfObject all)) {
            throw new ControlPolicy.Refused(place, "must be an object with the names of bundles");
        }
        Map<String, Set<String>> granted = new LinkedHashMap<>();
        for (Map.Entry<String, Conf> entry : all.members().entrySet()) {
            granted.put(entry.getKey(), texts(place.child(entry.getKey()), entry.getValue(), "[a-z][a-z0-9.-]*",
                "must be the name of a privilege, such as \"main\""));
        }
        return Optional.of(granted);
    }

    private static long park(ConfPointer place, Optional<Conf> value) throws ControlPolicy.Refused {
        if (value.isEmpty()) {
            return PARK_MILLIS;
        }
        if (!(value.get() instanceof ConfNumber number) || !number.isInteger() || number.longValue() < 0
                || number.longValue() > MAX_SECONDS) {
            throw new ControlPolicy.Refused(place, "must be a number of seconds from 0 to " + MAX_SECONDS);
        }
        return number.longValue() * MILLIS;
    }
}
