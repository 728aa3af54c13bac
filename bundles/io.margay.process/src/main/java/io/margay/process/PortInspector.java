// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.status.Inspector;
import io.margay.status.Listing;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

/**
 * The ports that a process knows, with the numbers of their sockets, by which the inspector {@code descriptors} lists
 * them too: {@code /control/inspect/PROCESS/ports}. For any thread.
 */
public final class PortInspector implements Inspector {

    private static final Comparator<PortRef> ORDER = Comparator.comparingInt(PortRef::pid)
        .thenComparingInt(PortRef::id);

    private final ProcessTable table;
    private final Supplier<List<Integer>> own;

    PortInspector(ProcessTable table, Supplier<List<Integer>> own) {
        this.table = table;
        this.own = own;
    }

    /**
     * Registers one.
     *
     * @param bundles of any bundle of the framework
     * @param table the processes that this one knows
     * @param own the descriptors by which this process receives; called on any thread
     * @return takes it away
     */
    public static Runnable register(BundleContext bundles, ProcessTable table, Supplier<List<Integer>> own) {
        ServiceRegistration<Inspector> service = bundles.registerService(Inspector.class,
            new PortInspector(table, own), null);
        return service::unregister;
    }

    @Override
    public String name() {
        return "ports";
    }

    @Override
    public Conf dump() {
        Listing list = new Listing();
        own.get().stream().sorted().forEach(number -> list.add(ConfObject.builder().put("name", "own")
            .put("descriptor", number).put("receives", true).build()));
        table.named().entrySet().stream().sorted(Map.Entry.comparingByKey(ORDER)).forEach(entry ->
            list.add(row(entry.getValue(), entry.getKey())));
        return list.under("ports");
    }

    private static ConfObject row(String name, PortRef port) {
        ConfObject.Builder row = ConfObject.builder().put("name", name).put("pid", port.pid()).put("port", port.id());
        // Workers of some wires have none that others write to.
        port.peer().ifPresent(peer -> row.put("descriptor", peer.number()));
        return row.put("receives", false).build();
    }
}
