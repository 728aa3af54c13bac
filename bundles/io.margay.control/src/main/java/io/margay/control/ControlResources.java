// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import io.margay.log.ErrorLog;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    private record Entry(ControlResource resource, long service, List<String> prefix) {
    }

    private final ErrorLog log;
    /** The longest prefix first, of equal ones the oldest service. */
    private volatile List<Entry> entries = List.of();

    /** Knows none yet. */
    @Activate
    public ControlResources(@Reference ErrorLog log) {
        this.log = log;
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
        long service = properties.get(Constants.SERVICE_ID) instanceof Long number ? number : Long.MAX_VALUE;
        Entry entry = new Entry(resource, service, path.get().segments());
        List<Entry> next = new ArrayList<>(entries);
        for (Entry other : next) {
            if (other.prefix().equals(entry.prefix())) {
                boolean newer = other.service() <= service;
                log.error("two control resources have the prefix \"" + prefix + "\": "
                    + (newer ? other : entry).resource().getClass().getName() + " answers");
            }
        }
        next.add(entry);
        next.sort(Comparator.comparingInt((Entry each) -> -each.prefix().size()).thenComparingLong(Entry::service));
        entries = List.copyOf(next);
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
            if (found) {
                return Optional.of(entry.resource());
            }
        }
        return Optional.empty();
    }
}
