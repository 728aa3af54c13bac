// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The headers of a bundle without what says nothing new about bundles that were resolved together before: ranges of
 * versions, uses constraints, and capabilities that no resolver looks at. To read them costs a start a tenth of itself.
 */
final class LeanHeaders {
    private static final Set<String> KEPT = Set.of("Bundle-ActivationPolicy", "Bundle-Activator", "Bundle-Category",
        "Bundle-ClassPath", "Bundle-Description", "Bundle-License", "Bundle-ManifestVersion", "Bundle-Name",
        "Bundle-NativeCode", "Bundle-SymbolicName", "Bundle-Vendor", "Bundle-Version", "DynamicImport-Package",
        "Fragment-Host", "Require-Bundle", "Service-Component");
    private static final String OWN = "Margay-";

    private LeanHeaders() {
    }

    static Map<String, String> of(Dictionary<String, String> all) {
        Map<String, String> lean = new LinkedHashMap<>();
        Enumeration<String> names = all.keys();
        while (names.hasMoreElements()) {
            String name = names.nextElement();
            String value = all.get(name);
            switch (name) {
                case "Import-Package" -> put(lean, name, clauses(value, "version="));
                case "Export-Package" -> put(lean, name, clauses(value, "uses:="));
                case "Provide-Capability", "Require-Capability" -> put(lean, name, capabilities(value));
                default -> {
                    if (KEPT.contains(name) || name.startsWith(OWN)) {
                        lean.put(name, value);
                    }
                }
            }
        }
        return lean;
    }

    private static void put(Map<String, String> lean, String name, List<String> clauses) {
        if (!clauses.isEmpty()) {
            lean.put(name, String.join(",", clauses));
        }
    }

    private static List<String> clauses(String header, String dropped) {
        return split(header, ',').stream().map(clause -> String.join(";", split(clause, ';').stream()
            .filter(part -> !part.startsWith(dropped)).toList())).toList();
    }

    /** Without those that other capabilities of the JVM and of services name. */
    private static List<String> capabilities(String header) {
        return split(header, ',').stream().filter(clause -> !clause.startsWith("osgi.service;")
            && !clause.startsWith("osgi.ee;")).toList();
    }

    /** Splits where no quotes are open. */
    private static List<String> split(String text, char separator) {
        List<String> parts = new ArrayList<>();
        boolean quoted = false;
        int begin = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == separator && !quoted) {
                parts.add(text.substring(begin, i).strip());
                begin = i + 1;
            }
        }
        parts.add(text.substring(begin).strip());
        return parts;
    }
}
