// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfEdit;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.log.ErrorLog;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The parts of a configuration that do not serve although it is in force, with the reason of each: a stored
 * configuration comes into force as far as it goes. Immutable.
 *
 * @param applications by name; what passes requests to them answers 503
 * @param listeners by address; they are not open
 */
public record LeftOut(Map<String, String> applications, Map<String, String> listeners) {

    /** Everything serves. */
    public static final LeftOut NOTHING = new LeftOut(Map.of(), Map.of());

    private static final ConfObject IDLE = ConfObject.builder()
        .put("processes", ConfObject.builder().put("running", 0).put("starting", 0).put("idle", 0).build())
        .put("requests", ConfObject.builder().put("active", 0).build()).build();

    /** Copies the maps, whose order is kept. */
    public LeftOut {
        applications = Collections.unmodifiableMap(new LinkedHashMap<>(applications));
        listeners = Collections.unmodifiableMap(new LinkedHashMap<>(listeners));
    }

    /** With one application more. */
    LeftOut application(String name, String reason) {
        Map<String, String> more = new LinkedHashMap<>(applications);
        more.put(name, reason);
        return new LeftOut(more, listeners);
    }

    /** With one listener more. */
    LeftOut listener(String address, String reason) {
        Map<String, String> more = new LinkedHashMap<>(listeners);
        more.put(address, reason);
        return new LeftOut(applications, more);
    }

    /** Without an application, which serves now. */
    LeftOut serving(String application) {
        Map<String, String> fewer = new LinkedHashMap<>(applications);
        fewer.remove(application);
        return new LeftOut(fewer, listeners);
    }

    /** What is left out stays so until its own configuration changes. */
    LeftOut unchanged(Conf before, Conf after) {
        return new LeftOut(unchanged("applications", applications, before, after),
            unchanged("listeners", listeners, before, after));
    }

    private static Map<String, String> unchanged(String kind, Map<String, String> parts, Conf before, Conf after) {
        Map<String, String> same = new LinkedHashMap<>();
        parts.forEach((name, reason) -> {
            Optional<String> old = text(before, kind, name);
            if (old.isPresent() && old.equals(text(after, kind, name))) {
                same.put(name, reason);
            }
        });
        return same;
    }

    private static Optional<String> text(Conf root, String kind, String name) {
        return root instanceof ConfObject object
            ? ConfEdit.get(object, List.of(kind, name)).map(ConfWriter::compactText) : Optional.empty();
    }

    /** Logs what is new since what was left out before. */
    void report(LeftOut before, ErrorLog log) {
        applications.forEach((name, reason) -> {
            if (!reason.equals(before.applications.get(name))) {
                log.alert("application \"" + name + "\" is left out of service: " + reason);
            }
        });
        listeners.forEach((address, reason) -> {
            if (!reason.equals(before.listeners.get(address))) {
                log.alert("listener \"" + address + "\" is left out of service and tried again: " + reason);
            }
        });
        before.listeners.keySet().stream().filter(address -> !listeners.containsKey(address)).forEach(address ->
            log.info("listener \"" + address + "\" is in service now"));
    }

    /**
     * The status with what does not serve: applications have zeros and a member {@code error}; {@code listeners} is
     * there only when some are not open.
     *
     * @param status of the router, which knows only what serves
     * @param configuration in force
     */
    ConfObject in(ConfObject status, ConfObject configuration) {
        if (applications.isEmpty() && listeners.isEmpty()) {
            return status;
        }
        ConfObject.Builder all = ConfObject.builder();
        status.members().forEach(all::put);
        ConfObject serving = status.object("applications").orElse(ConfObject.EMPTY);
        ConfObject.Builder shown = ConfObject.builder();
        for (String name : configuration.object("applications").orElse(ConfObject.EMPTY).members().keySet()) {
            Optional<Conf> known = serving.get(name);
            if (known.isPresent()) {
                shown.put(name, known.get());
            } else if (applications.containsKey(name)) {
                ConfObject.Builder idle = ConfObject.builder();
                IDLE.members().forEach(idle::put);
                shown.put(name, idle.put("error", applications.get(name)).build());
            }
        }
        all.put("applications", shown.build());
        if (!listeners.isEmpty()) {
            ConfObject.Builder closed = ConfObject.builder();
            listeners.forEach((address, reason) ->
                closed.put(address, ConfObject.builder().put("error", reason).build()));
            all.put("listeners", closed.build());
        }
        return all.build();
    }
}
