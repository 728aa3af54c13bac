// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfString;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.process.StartException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The bundles of one role, read from {@code features/<role>.json}: a subset of the OSGi feature format (compendium
 * 159).
 *
 * @param bundles in the order of the file
 * @param properties framework properties, which win over {@code config/framework.properties}
 */
record Feature(List<Entry> bundles, Map<String, String> properties) {
    /** The start level of what others must be there for. */
    private static final int LAST = 2;
    private static final String SHAPE =
        "not a feature: \"bundles\" must be an array of ids or of objects with an \"id\"";

    /**
     * One bundle.
     *
     * @param artifact the name of its project
     * @param jar the file name in {@code system/}
     * @param order its start level, 1 or more; 0 for a bundle that is only installed, because its schema is wanted
     */
    record Entry(String artifact, String jar, int order) {
    }

    /**
     * Reads a feature file.
     *
     * @throws IOException when the file cannot be read or is no feature; the message names the file and the line
     */
    static Feature read(Path file) throws IOException {
        try {
            return parse(Files.readAllBytes(file), file.toString());
        } catch (StartException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /**
     * Reads the text of such a file.
     *
     * @param name of the file, for messages
     * @throws StartException when it is no feature
     */
    static Feature parse(byte[] json, String name) {
        try {
            ConfObject root = (ConfObject) ConfParser.parse(withoutComments(json));
            List<Entry> entries = new ArrayList<>();
            ConfArray bundles = root.array("bundles").orElseThrow(() -> new IllegalArgumentException(SHAPE));
            for (Conf bundle : bundles.elements()) {
                entries.add(entry(bundle));
            }
            Map<String, String> properties = new LinkedHashMap<>();
            root.object("framework-properties").orElse(ConfObject.EMPTY).members().forEach((key, value) ->
                properties.put(key, ((ConfString) value).value()));
            return new Feature(List.copyOf(entries), properties);
        } catch (ConfSyntaxException | IllegalArgumentException e) {
            throw new StartException(name + ": " + e.getMessage(), e);
        } catch (ClassCastException e) {
            throw new StartException(name + ": " + SHAPE, e);
        }
    }

    /** Comments stand on lines of their own. */
    private static byte[] withoutComments(byte[] json) {
        StringBuilder text = new StringBuilder();
        new String(json, StandardCharsets.UTF_8).lines().forEach(line ->
            text.append(line.stripLeading().startsWith("//") ? "" : line).append('\n'));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** {@return this feature with one more bundle, started last, if it is not there} */
    Feature with(String artifact) {
        if (bundles.stream().anyMatch(entry -> entry.artifact.equals(artifact))) {
            return this;
        }
        List<Entry> all = new ArrayList<>(bundles);
        all.add(new Entry(artifact, artifact + ".jar", LAST));
        return new Feature(all, properties);
    }

    /** {@return this feature, of which one bundle is only installed} */
    Feature unstarted(String artifact) {
        return new Feature(bundles.stream().map(entry -> entry.artifact.equals(artifact)
            ? new Entry(artifact, entry.jar, 0) : entry).toList(), properties);
    }

    /**
     * {@return this feature and then another one}
     *
     * @param more framework properties, which win over those of both
     */
    Feature with(Feature other, Map<String, String> more) {
        List<Entry> all = new ArrayList<>(bundles);
        other.bundles.stream().filter(entry -> !bundles.contains(entry)).forEach(all::add);
        Map<String, String> both = new LinkedHashMap<>(properties);
        both.putAll(other.properties);
        both.putAll(more);
        return new Feature(List.copyOf(all), both);
    }

    /**
     * {@return a file that says the same}
     *
     * @param versions of the bundles, by artifact
     */
    String text(Map<String, String> versions) {
        List<Conf> entries = new ArrayList<>();
        bundles.forEach(entry -> entries.add(ConfObject.builder()
            .put("id", "bundle:" + entry.artifact + ":" + versions.get(entry.artifact))
            .put("start-order", entry.order).build()));
        ConfObject.Builder settings = ConfObject.builder();
        properties.forEach(settings::put);
        return ConfWriter.compactText(ConfObject.builder().put("bundles", new ConfArray(entries))
            .put("framework-properties", settings.build()).build());
    }

    private static Entry entry(Conf bundle) {
        if (bundle instanceof ConfString id) {
            return entry(id.value(), 1);
        }
        ConfObject map = (ConfObject) bundle;
        String id = map.string("id").orElseThrow(() -> new IllegalArgumentException(SHAPE));
        int order = (int) map.integer("start-order", 1);
        if (order < 0) {
            throw new IllegalArgumentException("\"start-order\" of " + id + " must be 0 or more");
        }
        return entry(id, order);
    }

    /** Maven's {@code group:artifact:version} to the file name in the distribution. */
    private static Entry entry(String id, int order) {
        String[] parts = id.split(":");
        if (parts.length != 3 || id.indexOf('/') >= 0) {
            throw new IllegalArgumentException("\"" + id + "\" is not of the form group:artifact:version");
        }
        return new Entry(parts[1], parts[1] + "-" + parts[2] + ".jar", order);
    }
}
