// SPDX-License-Identifier: Apache-2.0
package io.margay.control.health;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What one check has found.
 *
 * @param name of the check
 * @param tags what may be asked for to see it
 * @param health how that is
 * @param message why, for people; empty when all is well
 */
record Finding(String name, List<String> tags, Health health, String message) {
    /** A certificate that ends sooner is worth a word. */
    static final Duration SOON = Duration.ofDays(30);

    private static final DateTimeFormatter TIME =
        DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss yyyy 'GMT'", Locale.ROOT).withZone(ZoneOffset.UTC);

    /** From good to bad. */
    enum Health {
        /** All is well. */
        OK,
        /** It serves, but not all of it, or not for long. */
        DEGRADED,
        /** It does not serve. */
        DOWN;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Copies the list. */
    Finding {
        tags = List.copyOf(tags);
    }

    Conf toConf() {
        ConfObject.Builder told = ConfObject.builder().put("name", name)
            .put("tags", new ConfArray(tags.stream().map(tag -> (Conf) Conf.of(tag)).toList()))
            .put("status", health.word());
        return message.isEmpty() ? told.build() : told.put("message", message).build();
    }

    /** Whether it is about one application. */
    boolean isPart() {
        return tags.stream().anyMatch(tag -> tag.startsWith("app:"));
    }

    static Finding live() {
        return new Finding("controller", List.of("live"), Health.OK, "");
    }

    /**
     * All there is to find.
     *
     * @param status of the router; empty when it has not answered
     * @param failure why the router does not serve; empty when it does
     * @param pools what the router's inspector of applications shows
     */
    static List<Finding> of(Optional<ConfObject> status, String failure, ConfObject pools, ConfObject configuration,
                            ConfObject certificates, Instant now) {
        List<Finding> all = new ArrayList<>();
        all.add(live());
        all.add(new Finding("router", List.of("ready"), failure.isEmpty() ? Health.OK : Health.DOWN, failure));
        ConfObject listeners = configuration.object("listeners").orElse(ConfObject.EMPTY);
        ConfObject closed = status.flatMap(value -> value.object("listeners")).orElse(ConfObject.EMPTY);
        listeners.members().keySet().stream().filter(closed::has).forEach(address -> all.add(new Finding(
            "listener " + address, List.of("ready"), Health.DOWN, error(closed, address))));
        ConfObject applications = status.flatMap(value -> value.object("applications")).orElse(ConfObject.EMPTY);
        configuration.object("applications").orElse(ConfObject.EMPTY).members().keySet().forEach(name ->
            all.add(application(name, status.isPresent(), applications, pools.object(name).orElse(ConfObject.EMPTY))));
        all.addAll(ofCertificates(certificates, now));
        return all;
    }

    /** One of several that does not serve leaves the server ready, but asked for by itself it is down. */
    private static Finding application(String name, boolean known, ConfObject applications, ConfObject pool) {
        boolean failing = pool.bool("failing", false);
        boolean running = pool.integer("running", 0) > 0;
        // One that stays with the language module of before serves, with workers or as soon as it needs some.
        boolean serves = running || !failing && pool.has("running");
        String error = !known ? "the router does not answer" : !applications.has(name)
            ? "it is not in service yet" : error(applications, name);
        if (error.isEmpty() && failing) {
            error = running ? "no more workers start" : "no worker starts";
        }
        return new Finding("application " + name, List.of("app:" + name), error.isEmpty() ? Health.OK
            : serves ? Health.DEGRADED : Health.DOWN, error);
    }

    private static String error(ConfObject parts, String name) {
        return parts.object(name).flatMap(part -> part.string("error")).orElse("");
    }

    static List<Finding> ofCertificates(ConfObject certificates, Instant now) {
        List<Finding> all = new ArrayList<>();
        certificates.members().forEach((name, value) -> {
            Optional<Instant> end = value instanceof ConfObject certificate ? end(certificate) : Optional.empty();
            Health health = end.filter(now.plus(SOON)::isAfter).isPresent() ? Health.DEGRADED : Health.OK;
            String message = health == Health.OK ? "" : (end.get().isBefore(now) ? "it has ended on " : "it ends on ")
                + end.get();
            all.add(new Finding("certificate " + name, List.of("certificates"), health, message));
        });
        return all;
    }

    /** The first end in the chain. */
    private static Optional<Instant> end(ConfObject certificate) {
        Optional<Instant> first = Optional.empty();
        for (Conf each : certificate.array("chain").orElse(ConfArray.EMPTY).elements()) {
            Optional<Instant> end = each instanceof ConfObject object ? object.object("validity")
                .flatMap(validity -> validity.get("until")).flatMap(Finding::time) : Optional.empty();
            first = end.isPresent() && (first.isEmpty() || end.get().isBefore(first.get())) ? end : first;
        }
        return first;
    }

    private static Optional<Instant> time(Conf text) {
        try {
            return text instanceof ConfString string ? Optional.of(Instant.from(TIME.parse(string.value())))
                : Optional.empty();
        } catch (DateTimeException e) {
            // What cannot be read is not said to end.
            return Optional.empty();
        }
    }
}
