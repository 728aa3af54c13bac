// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.ConfObject;
import io.margay.control.ServerControl;
import java.nio.charset.StandardCharsets;
import java.util.Map;

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
        return ConfObject.builder().put("certificates", control.json("/certificates"))
            .put("listeners", StatusPages.part(control, "/config/listeners")).build();
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
