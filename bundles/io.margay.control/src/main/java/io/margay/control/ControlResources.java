// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import io.margay.log.ErrorLog;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongPredicate;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** The resources that are there now; they come and go while requests flow. For any thread. */
@Component(service = ControlResources.class)
public final class ControlResources {

    /** A resource and its place. */
    private record Entry(ControlResource resource, long service, long bundle, List<String> prefix) {
    }

    private final ErrorLog log;
    /** The longest prefix first, of equal ones the oldest service. */
    private volatile List<Entry> entries = List.of();
    private volatile LongPredicate counting = bundle -> true;

    /** Knows none yet. */
    @Activate
    public ControlResources(@Reference ErrorLog log) {
        this.log = log;
    }

    /**
     * Leaves out the resources of bundles that do not count: during an update two versions of one are there.
     *
     * @param bundles tells by the id of a bundle whether it counts; asked on the loop of the control socket
     */
    public void counting(LongPredicate bundles) {
        counting = bundles;
    }

    /**
     * A prefix that two bundles claim.
     *
     * @param counts tells by the id of a bundle whether it would count
     * @return the prefix, and the bundles in the order in which they came; empty when each has its own
     */
    public Optional<Rivals> rivals(LongPredicate counts) {
        Map<List<String>, Entry> owners = new HashMap<>();
        for (Entry entry : entries) {
            Entry owner = counts.test(entry.bundle()) ? owners.putIfAbsent(entry.prefix(), entry) : null;
            if (owner != null && owner.bundle() != entry.bundle()) {
                return Optional.of(new Rivals("/" + String.join("/", entry.prefix()), owner.bundle(), entry.bundle()));
            }
        }
        return Optional.empty();
    }

    /**
     * Two bundles that claim one prefix.
     *
     * @param first the id of the one that has it
     * @param second the id of the other one
     */
    public record Rivals(String prefix, long first, long second) {
    }

    /** Adds a resource. */
    @Reference(name = "resource", cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
        unbind = "remove")
    public synchronized void add(ControlResource resource, Map<String, Object> properties) {
        String prefix;
        try {
            prefix = resource.prefix();
        } catch (RuntimeException | LinkageError e) {
            log.alert("a control resource is not used: " + resource.getClass().getName() + " does not say where it "
                + "is: " + e);
            return;
        }
        Optional<ControlPath> path = ControlPath.parse(prefix);
        if (path.isEmpty()) {
            log.alert("a control resource is not used: " + resource.getClass().getName() + " has the prefix \""
                + Printable.of(prefix) + "\", which is no path");
            return;
        }
        Entry entry = new Entry(resource, number(properties, Constants.SERVICE_ID),
            number(properties, Constants.SERVICE_BUNDLEID), path.get().segments());
        List<Entry> next = new ArrayList<>(entries);
        next.add(entry);
        next.sort(Comparator.comparingInt((Entry each) -> -each.prefix().size()).thenComparingLong(Entry::service));
        entries = List.copyOf(next);
    }

    private static long number(Map<String, Object> properties, String name) {
        return properties.get(name) instanceof Long number ? number : 0;
    }

    /** Removes a resource; requests that have come to it are answered by it. */
    public synchronized void remove(ControlResource resource) {
        entries = entries.stream().filter(entry -> entry.resource() != resource).toList();
    }

    /** The resource of a path. */
    Optional<ControlResource> find(ControlPath path) {
        List<String> segments = path.segments();
        for (Entry entry : entries) {
            int size = entry.prefix().size();
            boolean found = size == 0 ? segments.isEmpty()
                : size <= segments.size() && entry.prefix().equals(segments.subList(0, size));
            if (found && counting.test(entry.bundle())) {
                return Optional.of(entry.resource());
            }
        }
        return Optional.empty();
    }
}
