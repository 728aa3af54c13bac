// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfString;
import io.margay.conf.ConfSyntaxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
    private static final String SHAPE =
        "not a feature: \"bundles\" must be an array of ids or of objects with an \"id\"";

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
            ConfObject root = (ConfObject) ConfParser.parse(withoutComments(file));
            List<Entry> entries = new ArrayList<>();
            ConfArray bundles = root.array("bundles").orElseThrow(() -> new IllegalArgumentException(SHAPE));
            for (Conf bundle : bundles.elements()) {
                entries.add(entry(bundle));
            }
            Map<String, String> properties = new LinkedHashMap<>();
            root.object("framework-properties").orElse(ConfObject.EMPTY).members().forEach((name, value) ->
                properties.put(name, ((ConfString) value).value()));
            return new Feature(List.copyOf(entries), properties);
        } catch (ConfSyntaxException | IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        } catch (ClassCastException e) {
            throw new IOException(file + ": " + SHAPE, e);
        }
    }

    /** Reads the features of several roles, whose names commas part, as one. A training run takes those of all. */
    static Feature read(Path home, String roles) throws IOException {
        Feature all = null;
        for (String name : roles.split(",")) {
            Feature one = read(home.resolve("features/" + name + ".json"));
            all = all == null ? one : all.and(one);
        }
        return all;
    }

    /** Comments stand on lines of their own. */
    private static byte[] withoutComments(Path file) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String line : Files.readAllLines(file)) {
            text.append(line.stripLeading().startsWith("//") ? "" : line).append('\n');
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
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

    private static Entry entry(Conf bundle) {
        if (bundle instanceof ConfString id) {
            return new Entry(jar(id.value()), 1);
        }
        ConfObject map = (ConfObject) bundle;
        String id = map.string("id").orElseThrow(() -> new IllegalArgumentException(SHAPE));
        int order = (int) map.integer("start-order", 1);
        if (order < 0) {
            throw new IllegalArgumentException("\"start-order\" of " + id + " must be 0 or more");
        }
        return new Entry(jar(id), order);
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
