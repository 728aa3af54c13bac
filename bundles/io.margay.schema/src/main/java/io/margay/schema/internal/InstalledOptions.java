// SPDX-License-Identifier: Apache-2.0
package io.margay.schema.internal;

import io.margay.schema.Options;
import io.margay.schema.Schema;
import io.margay.schema.SchemaException;
import io.margay.schema.SchemaRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.util.tracker.BundleTracker;
import org.osgi.util.tracker.BundleTrackerCustomizer;

/** Follows the bundles of the framework until the component ends. */
@Component(service = Options.class)
public final class InstalledOptions implements Options {

    private static final int MAX_FILE = 1 << 20;
    private static final int STATES = Bundle.INSTALLED | Bundle.RESOLVED | Bundle.STARTING | Bundle.ACTIVE
        | Bundle.STOPPING;

    private final SchemaRegistry registry = new SchemaRegistry();
    private final Readers readers = new Readers();
    private final BundleTracker<List<String>> tracker;
    /** Sources that the registry has already when the tracker finds their bundle. */
    private final Set<String> taken = ConcurrentHashMap.newKeySet();
    private final List<String> unheard = new ArrayList<>();
    private Consumer<String> problems = unheard::add;
    private Runnable changed = () -> { };

    /**
     * Reads the bundles present and follows later ones.
     *
     * @param context of any bundle of the framework
     */
    @Activate
    public InstalledOptions(BundleContext context) {
        this.tracker = new BundleTracker<>(context, STATES, new Follower());
        takePresent(context);
        tracker.open();
        // Of bundles that went meanwhile.
        remove(List.copyOf(taken));
        taken.clear();
    }

    /** The files of the bundles present, all at once; where that fails, they are taken one by one and it is told. */
    private void takePresent(BundleContext context) {
        Map<String, byte[]> present = new HashMap<>();
        for (Bundle bundle : context.getBundles()) {
            for (String entry : entries(bundle)) {
                try {
                    present.put(source(bundle, entry), read(bundle, entry));
                } catch (IOException e) {
                    // It is read again, and the reason told.
                    present.remove(source(bundle, entry));
                }
            }
        }
        try {
            registry.putAll(present);
            taken.addAll(present.keySet());
        } catch (SchemaException e) {
            // Nothing is taken yet.
            taken.clear();
        }
    }

    private static List<String> entries(Bundle bundle) {
        String header = bundle.getHeaders("").get(HEADER);
        return header == null ? List.of() : Stream.of(header.split(",")).map(String::trim).toList();
    }

    private static String source(Bundle bundle, String entry) {
        return bundle.getSymbolicName() + "/" + bundle.getVersion() + "/" + entry;
    }

    /** Ends. */
    @Deactivate
    public void close() {
        tracker.close();
    }

    @Override
    public Schema schema() {
        return registry.current();
    }

    @Override
    public boolean reads(String reader) {
        return readers.reads(reader);
    }

    @Override
    public void routerReads(Set<String> names) {
        readers.told(names);
        changed();
    }

    @Override
    public synchronized void whenUnusable(Consumer<String> told) {
        problems = told;
        unheard.forEach(told);
        unheard.clear();
    }

    @Override
    public synchronized void whenChanged(Runnable action) {
        changed = action;
    }

    private synchronized void problem(String text) {
        problems.accept(text);
    }

    private void changed() {
        Runnable action;
        synchronized (this) {
            action = changed;
        }
        action.run();
    }

    private List<String> add(Bundle bundle) {
        boolean brings = readers.add(bundle);
        List<String> entries = entries(bundle);
        List<String> sources = new ArrayList<>();
        for (String entry : entries) {
            String source = source(bundle, entry);
            try {
                if (!taken.remove(source)) {
                    registry.put(source, read(bundle, entry));
                }
                sources.add(source);
            } catch (IOException | SchemaException e) {
                problem("schema " + source + " is ignored: " + e.getMessage());
            }
        }
        if (brings || !entries.isEmpty()) {
            changed();
        }
        return sources;
    }

    private void remove(List<String> sources) {
        for (String source : sources) {
            try {
                registry.remove(source);
            } catch (SchemaException e) {
                problem("schema " + source + " was removed: " + e.getMessage());
            }
        }
        if (!sources.isEmpty()) {
            changed();
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
            boolean brought = readers.remove(bundle);
            if (sources.isEmpty() && brought) {
                changed();
            }
            remove(sources);
        }
    }
}
