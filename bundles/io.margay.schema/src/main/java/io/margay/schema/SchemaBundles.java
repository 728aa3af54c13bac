// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.util.tracker.BundleTracker;
import org.osgi.util.tracker.BundleTrackerCustomizer;

/**
 * Feeds a registry with the schema files of all bundles that are installed, started or not. Callbacks come on the
 * thread that changes a bundle.
 */
public final class SchemaBundles implements AutoCloseable {

    /** The manifest header: paths of schema files inside of the bundle, separated by commas. */
    public static final String HEADER = "Margay-Schema";

    private static final int MAX_FILE = 1 << 20;
    private static final int STATES = Bundle.INSTALLED | Bundle.RESOLVED | Bundle.STARTING | Bundle.ACTIVE
        | Bundle.STOPPING;

    private final SchemaRegistry registry;
    private final Runnable changed;
    private final Consumer<String> problems;
    private final BundleTracker<List<String>> tracker;

    /**
     * Reads the bundles present and follows later ones until closed.
     *
     * @param context of any bundle of the framework
     * @param registry takes the files
     * @param changed told after each change of the registry
     * @param problems told why a file cannot be used
     */
    public SchemaBundles(BundleContext context, SchemaRegistry registry, Runnable changed, Consumer<String> problems) {
        this.registry = registry;
        this.changed = changed;
        this.problems = problems;
        this.tracker = new BundleTracker<>(context, STATES, new Follower());
        tracker.open();
    }

    @Override
    public void close() {
        tracker.close();
    }

    private List<String> add(Bundle bundle) {
        String header = bundle.getHeaders("").get(HEADER);
        List<String> sources = new ArrayList<>();
        if (header == null) {
            return sources;
        }
        for (String entry : header.split(",")) {
            String source = bundle.getSymbolicName() + "/" + bundle.getVersion() + "/" + entry.trim();
            try {
                registry.put(source, read(bundle, entry.trim()));
                sources.add(source);
            } catch (IOException | SchemaException e) {
                problems.accept("schema " + source + " is ignored: " + e.getMessage());
            }
        }
        changed.run();
        return sources;
    }

    private void remove(List<String> sources) {
        for (String source : sources) {
            try {
                registry.remove(source);
            } catch (SchemaException e) {
                problems.accept("schema " + source + " was removed: " + e.getMessage());
            }
        }
        if (!sources.isEmpty()) {
            changed.run();
        }
    }

    private static byte[] read(Bundle bundle, String entry) throws IOException {
        URL url = bundle.getEntry(entry);
        if (url == null) {
            throw new IOException("the bundle has no such file");
        }
        try (InputStream in = url.openStream()) {
            byte[] content = in.readNBytes(MAX_FILE + 1);
            if (content.length > MAX_FILE) {
                throw new IOException("the file is larger than " + MAX_FILE + " bytes");
            }
            return content;
        }
    }

    private final class Follower implements BundleTrackerCustomizer<List<String>> {

        @Override
        public List<String> addingBundle(Bundle bundle, BundleEvent event) {
            return add(bundle);
        }

        @Override
        public void modifiedBundle(Bundle bundle, BundleEvent event, List<String> sources) {
            if (event != null && event.getType() == BundleEvent.UPDATED) {
                List<String> old = List.copyOf(sources);
                sources.clear();
                sources.addAll(add(bundle));
                remove(old.stream().filter(source -> !sources.contains(source)).toList());
            }
        }

        @Override
        public void removedBundle(Bundle bundle, BundleEvent event, List<String> sources) {
            remove(sources);
        }
    }
}
