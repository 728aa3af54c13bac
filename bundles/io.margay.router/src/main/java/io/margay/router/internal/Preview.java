// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What {@link Apply} would do with a configuration, by the rules that it acts by. On the control loop. */
final class Preview {

    private final List<Conf> opened = new ArrayList<>();
    private final List<Conf> closed = new ArrayList<>();
    private final List<Conf> listening = new ArrayList<>();
    private final List<Conf> started = new ArrayList<>();
    private final List<Conf> restarted = new ArrayList<>();
    private final List<Conf> stopped = new ArrayList<>();
    private final List<Conf> running = new ArrayList<>();
    private final List<Conf> silent = new ArrayList<>();
    private final List<Conf> out = new ArrayList<>();

    private Preview() {
    }

    /** Tells it; nothing is made. */
    static ConfObject of(RouterParts parts, Configuration now, ConfObject conf, Set<String> leftOut,
            Set<String> notOpened) {
        Preview preview = new Preview();
        preview.listeners(now, conf.object("listeners").orElse(ConfObject.EMPTY), notOpened);
        preview.applications(parts, now, conf, leftOut);
        return ConfObject.builder()
            .put("listeners", ConfObject.builder().put("opened", list(preview.opened))
                .put("closed", list(preview.closed)).put("kept", list(preview.listening))
                .put("left_out", list(preview.silent)).build())
            .put("applications", ConfObject.builder().put("started", list(preview.started))
                .put("restarted", list(preview.restarted)).put("stopped", list(preview.stopped))
                .put("kept", list(preview.running)).put("left_out", list(preview.out)).build())
            .build();
    }

    private static ConfArray list(List<Conf> names) {
        return new ConfArray(names);
    }

    private void listeners(Configuration now, ConfObject listeners, Set<String> notOpened) {
        for (String address : listeners.members().keySet()) {
            boolean open = now.listeners().containsKey(address);
            (notOpened.contains(address) ? silent : open ? listening : opened).add(Conf.of(address));
        }
        for (String address : now.listeners().keySet()) {
            if (!listeners.has(address)) {
                closed.add(Conf.of(address));
            }
        }
    }

    private void applications(RouterParts parts, Configuration now, ConfObject conf, Set<String> leftOut) {
        ConfObject applications = conf.object("applications").orElse(ConfObject.EMPTY);
        int loops = Math.max(parts.loops().engines().size(), parts.threads(conf));
        for (String name : applications.members().keySet()) {
            boolean known = now.pools().containsKey(name);
            if (leftOut.contains(name)) {
                out.add(Conf.of(name));
            } else if (now.kept(parts.spec(name, applications.object(name).orElse(ConfObject.EMPTY)), loops)
                .filter(pool -> parts.modules().isCurrent(pool, pool.spec().type())).isPresent()) {
                running.add(Conf.of(name));
            } else {
                (known ? restarted : started).add(Conf.of(name));
            }
        }
        for (String name : now.pools().keySet()) {
            if (!applications.has(name) || leftOut.contains(name)) {
                stopped.add(Conf.of(name));
            }
        }
    }
}
