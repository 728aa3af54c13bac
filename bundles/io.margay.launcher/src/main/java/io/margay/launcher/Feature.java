// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The bundles of one role, read from {@code features/<role>.json}: a subset of the OSGi feature format (compendium
 * 159).
 *
 * @param bundles in the order of the file
 * @param properties framework properties, which win over {@code config/framework.properties}
 */
record Feature(List<Entry> bundles, Map<String, String> properties) {
    /**
     * One bundle.
     *
     * @param jar the file name in {@code system/}
     * @param order its start level, 1 or more; 0 for a bundle that is only installed, because its schema is wanted
     */
    record Entry(String jar, int order) {
    }

    /**
     * Reads a feature file.
     *
     * @throws IOException when the file cannot be read or is no feature; the message names the file and the line
     */
    static Feature read(Path file) throws IOException {
        try {
            Map<?, ?> root = (Map<?, ?>) Json.parse(Files.readString(file));
            List<Entry> entries = new ArrayList<>();
            for (Object bundle : (List<?>) root.get("bundles")) {
                entries.add(entry(bundle));
            }
            Map<String, String> properties = new LinkedHashMap<>();
            if (root.get("framework-properties") instanceof Map<?, ?> map) {
                for (Map.Entry<?, ?> property : map.entrySet()) {
                    properties.put((String) property.getKey(), String.valueOf(property.getValue()));
                }
            }
            return new Feature(List.copyOf(entries), properties);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        } catch (ClassCastException | NullPointerException e) {
            throw new IOException(
                file + ": not a feature: \"bundles\" must be an array of ids or of objects with an \"id\"", e);
        }
    }

    /** {@return this feature and the bundles of the other that it lacks} */
    Feature and(Feature other) {
        List<Entry> all = new ArrayList<>(bundles);
        for (Entry entry : other.bundles) {
            Optional<Entry> mine = bundles.stream().filter(one -> one.jar.equals(entry.jar)).findFirst();
            if (mine.isEmpty()) {
                all.add(entry);
            } else if (mine.get().order < entry.order) {
                all.set(all.indexOf(mine.get()), entry);
            }
        }
        Map<String, String> merged = new LinkedHashMap<>(properties);
        merged.putAll(other.properties);
        return new Feature(all, merged);
    }

    private static Entry entry(Object bundle) {
        if (bundle instanceof String id) {
            return new Entry(jar(id), 1);
        }
        Map<?, ?> map = (Map<?, ?>) bundle;
        int order = map.get("start-order") instanceof Double level ? level.intValue() : 1;
        if (order < 0) {
            throw new IllegalArgumentException("\"start-order\" of " + map.get("id") + " must be 0 or more");
        }
        return new Entry(jar((String) map.get("id")), order);
    }

    /** Maven's {@code group:artifact:version} to the file name in the distribution. */
    private static String jar(String id) {
        String[] parts = id.split(":");
        if (parts.length != 3 || id.indexOf('/') >= 0) {
            throw new IllegalArgumentException("\"" + id + "\" is not of the form group:artifact:version");
        }
        return parts[1] + "-" + parts[2] + ".jar";
    }
}
