// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import io.margay.certificate.DescribedCertificate;
import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A certificate that a configuration wants.
 *
 * @param options what it is to be
 * @param places of the objects of listeners that describe it; none for an entry of the section
 */
record Wanted(AcmeOptions options, List<ConfPointer> places) {
    private static final int MOST = 1000;

    /** Keeps an own list. */
    Wanted {
        places = List.copyOf(places);
    }

    /**
     * All of them by the name under which they are stored: those of the section, and those that listeners describe.
     *
     * @throws AcmeOptions.Fault if something is wrong
     */
    static Map<String, Wanted> read(ConfObject configuration) throws AcmeOptions.Fault {
        Map<String, Wanted> all = new LinkedHashMap<>();
        Optional<Conf> section = configuration.get(AcmeOptions.SECTION);
        if (section.isPresent()) {
            AcmeOptions.read(section.get()).forEach((name, options) -> all.put(name, new Wanted(options, List.of())));
        }
        for (DescribedCertificate one : described(configuration)) {
            AcmeOptions options = AcmeOptions.read(one.inner(), one.value()).canonical();
            Wanted before = all.getOrDefault(options.name(), new Wanted(options, List.of()));
            if (!before.options.canonical().equals(options)) {
                throw new AcmeOptions.Fault(one.inner(), "It would be stored as \"" + options.name()
                    + "\", like another certificate of this configuration with other options.");
            }
            List<ConfPointer> places = new ArrayList<>(before.places);
            places.add(one.inner());
            all.put(options.name(), new Wanted(before.options, places));
        }
        if (all.size() > MOST) {
            throw new AcmeOptions.Fault(ConfPointer.ROOT, "There may be " + MOST + " certificates by ACME.");
        }
        return all;
    }

    /** Whether there is anything to read. */
    static boolean isAny(ConfObject configuration) {
        return configuration.has(AcmeOptions.SECTION) || !described(configuration).isEmpty();
    }

    private static List<DescribedCertificate> described(ConfObject configuration) {
        return DescribedCertificate.ofListeners(configuration).stream()
            .filter(one -> one.kind().equals(AcmeOptions.SECTION)).toList();
    }

    /** What listeners of a configuration describe of which nothing is known, as far as it can be read. */
    private static Map<String, AcmeOptions> readable(ConfObject configuration) {
        Map<String, AcmeOptions> all = new LinkedHashMap<>();
        for (DescribedCertificate one : described(configuration)) {
            try {
                AcmeOptions options = AcmeOptions.read(one.inner(), one.value());
                all.putIfAbsent(options.name(), options);
            } catch (AcmeOptions.Fault e) {
                // The router refuses it, and says why.
                continue;
            }
        }
        return all;
    }

    private static ConfObject section(ConfObject configuration) {
        return configuration.object(AcmeOptions.SECTION).orElse(ConfObject.EMPTY);
    }

    /** The names in a configuration of which nothing is known, as far as they may be those of certificates. */
    static Set<String> names(ConfObject configuration) {
        Set<String> names = new LinkedHashSet<>(section(configuration).members().keySet());
        names.removeIf(name -> !AcmeOptions.isName(name));
        names.addAll(readable(configuration).keySet());
        return names;
    }

    /** Whether a listener describes the certificate of a name. */
    static boolean isDescribed(ConfObject configuration, String name) {
        return readable(configuration).containsKey(name);
    }

    /** The domains of one, as far as they are some. */
    static List<String> domains(ConfObject configuration, String name) {
        AcmeOptions options = readable(configuration).get(name);
        return options != null ? options.domains() : section(configuration).object(name)
            .flatMap(one -> one.get("domains")).map(AcmeOptions::strings).orElse(List.of()).stream()
            .map(text -> text.toLowerCase(Locale.ROOT)).filter(AcmeOptions::isDomain)
            .limit(AcmeOptions.MOST_DOMAINS).toList();
    }

    /** Whether a stored bundle is needed: a directory is trusted by it, or a listener shows it. */
    static boolean uses(ConfObject configuration, String name) {
        Conf wanted = Conf.of(name);
        return isDescribed(configuration, name) || Stream.concat(section(configuration).members().values().stream(),
            described(configuration).stream().map(DescribedCertificate::value)).anyMatch(one ->
            one instanceof ConfObject object && object.get("ca").filter(wanted::equals).isPresent());
    }
}
