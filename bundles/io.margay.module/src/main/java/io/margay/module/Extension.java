// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.osgi.framework.Bundle;
import org.osgi.framework.Version;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;

/**
 * What a bundle says that it adds: {@code Provide-Capability: io.margay.extension; kind=action; name=share;
 * api:Version="1.0"}. It is read by the framework before any code of the bundle runs.
 *
 * @param kind the seam
 * @param name what it is called there: the option, the type word, the pointer of the section
 * @param api version of the interface that it was made for
 */
public record Extension(ExtensionKind kind, String name, Version api) {

    /** The namespace of the capability. */
    public static final String NAMESPACE = "io.margay.extension";

    /** {@code kind:name}, as schema files name the reader of an option. */
    public String reader() {
        return kind.word() + ":" + name;
    }

    /** Whether a bundle says that it is an extension, rightly or not. */
    public static boolean isDeclaredBy(Bundle bundle) {
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        return revision != null && !revision.getDeclaredCapabilities(NAMESPACE).isEmpty();
    }

    /**
     * What an installed bundle adds.
     *
     * @throws ModuleException when it says nothing, or something that this server does not offer
     */
    public static List<Extension> of(Bundle bundle) {
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        List<BundleCapability> capabilities =
            revision == null ? List.of() : revision.getDeclaredCapabilities(NAMESPACE);
        if (capabilities.isEmpty()) {
            throw new ModuleException("it is no extension: its manifest provides no capability " + NAMESPACE);
        }
        List<Extension> extensions = new ArrayList<>();
        capabilities.forEach(capability -> extensions.add(of(capability.getAttributes())));
        return List.copyOf(extensions);
    }

    static Extension of(Map<String, Object> attributes) {
        String word = text(attributes, "kind");
        String name = text(attributes, "name");
        ExtensionKind kind = ExtensionKind.of(word).orElseThrow(() -> new ModuleException("its capability "
            + NAMESPACE + " has the unknown kind \"" + word + "\"; there are "
            + String.join(", ", ExtensionKind.words())));
        Version api;
        try {
            api = Version.parseVersion(text(attributes, "api"));
        } catch (IllegalArgumentException e) {
            throw new ModuleException("its capability " + NAMESPACE + " has a malformed \"api\": " + e.getMessage(), e);
        }
        if (!kind.offers(api)) {
            throw new ModuleException("its " + word + " \"" + name + "\" is made for version " + api
                + " of the interface, and this server offers " + kind.api());
        }
        return new Extension(kind, name, api);
    }

    private static String text(Map<String, Object> attributes, String name) {
        Object value = attributes.get(name);
        if (value == null || value.toString().isBlank()) {
            throw new ModuleException("its capability " + NAMESPACE + " has no attribute \"" + name + "\"");
        }
        return value.toString().strip();
    }
}
