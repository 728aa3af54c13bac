// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.control.ServerControl;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The certificates of the server; keys go in and never come out. */
final class CertificatesPage implements Page {
    private static final int MAX = 1 << 20;

    private final ServerControl control;

    CertificatesPage(ServerControl control) {
        this.control = control;
    }

    @Override
    public String label() {
        return "certificates";
    }

    @Override
    public ConfObject data() {
        Conf listeners = StatusPages.part(control, "/config/listeners");
        ConfObject.Builder described = ConfObject.builder();
        kinds(listeners).forEach(kind -> described.put(kind, StatusPages.part(control, "/control/"
            + StatusPages.encoded(kind))));
        return ConfObject.builder().put("certificates", control.json("/certificates"))
            .put("listeners", listeners).put("described", described.build()).build();
    }

    /** What listeners describe instead of naming it; who gets it tells by a resource of its own where it stands. */
    static Set<String> kinds(Conf listeners) {
        Set<String> kinds = new TreeSet<>();
        if (listeners instanceof ConfObject all) {
            all.members().values().stream().filter(ConfObject.class::isInstance)
                .flatMap(listener -> ((ConfObject) listener).object("tls").stream())
                .flatMap(tls -> tls.get("certificate").stream())
                .flatMap(value -> (value instanceof ConfArray array ? array.elements() : List.of(value)).stream())
                .filter(ConfObject.class::isInstance)
                .forEach(object -> kinds.addAll(((ConfObject) object).members().keySet()));
        }
        return kinds;
    }

    @Override
    public ServerControl.Reply change(ConfObject order, ConsoleUser user) {
        String name = order.string("name").orElse("").strip();
        if (name.isEmpty() || name.contains("/")) {
            return PageServlet.refused("A certificate needs a name without a slash.");
        }
        String path = "/certificates/" + StatusPages.encoded(name);
        byte[] pem = order.string("pem").orElse("").getBytes(StandardCharsets.UTF_8);
        return switch (order.string("action").orElse("")) {
            case "upload" -> pem.length > MAX ? PageServlet.refused("A certificate with its key has at most 1 MiB.")
                : control.ask("PUT", path, order.bool("replace", false) ? Map.of() : Map.of("If-None-Match", "*"), pem);
            case "remove" -> control.ask("DELETE", path, Map.of(), new byte[0]);
            default -> PageServlet.refused("There is no such action.");
        };
    }
}
