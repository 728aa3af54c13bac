// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.framework.Version;

/**
 * A seam of the server: what extensions of it are, and which processes need them.
 *
 * @param word the value of the attribute {@code kind}
 * @param api version of the interface that this server offers
 * @param service the interface under which a bundle registers what it adds
 * @param main what main does with it
 * @param controller what the controller does with it
 * @param router what the router does with it
 */
public record ExtensionKind(String word, Version api, String service, Use main, Use controller, Use router) {

    /** What a process does with the bundles of a kind. */
    public enum Use {
        /** It does not need them. */
        NONE,
        /** It reads their schemas and runs none of their code. */
        READ,
        /** It starts them. */
        RUN
    }

    private static final Version ONE = new Version(1, 0, 0);
    private static final Map<String, ExtensionKind> KINDS = table(
        new ExtensionKind("lang", new Version(1, 3, 0), "io.margay.lang.Language", Use.RUN, Use.READ, Use.RUN),
        new ExtensionKind("wire", new Version(1, 2, 0), "io.margay.dispatch.WireFactory", Use.NONE, Use.READ, Use.RUN),
        routing("action", "io.margay.route.ActionFactory"),
        routing("filter", "io.margay.route.FilterFactory"),
        routing("observer", "io.margay.route.ObserverFactory"),
        routing("target", "io.margay.route.TargetFactory"),
        routing("section", "io.margay.route.SectionFactory"),
        new ExtensionKind("protocol", new Version(1, 2, 0), "io.margay.http.Protocol", Use.NONE, Use.READ, Use.RUN),
        new ExtensionKind("certificate", new Version(1, 2, 0), "io.margay.certificate.CertificateKind", Use.NONE,
            Use.READ, Use.RUN),
        new ExtensionKind("control", ONE, "io.margay.control.ControlResource", Use.NONE, Use.RUN, Use.NONE),
        new ExtensionKind("process", ONE, "io.margay.process.ProcessKind", Use.READ, Use.READ, Use.NONE));

    private static ExtensionKind routing(String word, String service) {
        return new ExtensionKind(word, ONE, service, Use.NONE, Use.READ, Use.RUN);
    }

    private static Map<String, ExtensionKind> table(ExtensionKind... kinds) {
        Map<String, ExtensionKind> table = new LinkedHashMap<>();
        for (ExtensionKind kind : kinds) {
            table.put(kind.word(), kind);
        }
        return table;
    }

    /** The kind of a word. */
    public static Optional<ExtensionKind> of(String word) {
        return Optional.ofNullable(KINDS.get(word));
    }

    /** The words of all kinds. */
    public static List<String> words() {
        return List.copyOf(KINDS.keySet());
    }

    /** Whether an extension that was made for a version of the interface works with the one that is offered. */
    public boolean offers(Version wanted) {
        return wanted.getMajor() == api.getMajor() && wanted.getMinor() <= api.getMinor();
    }
}
