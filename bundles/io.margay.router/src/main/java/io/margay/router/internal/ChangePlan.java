// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.dispatch.AppPool;
import io.margay.route.RoutePlan;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * What a configuration changes: {@link Apply} does it, a preview prints it. Immutable.
 *
 * @param threads that accept connections
 * @param opened addresses that are not listened on yet, in their order
 * @param closed addresses that are given up
 * @param listening addresses that stay
 * @param silent addresses that are left out
 * @param kept applications that go on with their processes
 * @param started applications that are new
 * @param restarted applications that get new processes
 * @param stopped applications that end
 * @param leftOut applications that are left out
 */
record ChangePlan(int threads, List<String> opened, List<String> closed, List<String> listening, List<String> silent,
                  List<String> kept, List<String> started, List<String> restarted, List<String> stopped,
                  List<String> leftOut) {

    /**
     * Compares; nothing is made.
     *
     * @param threads that accept connections
     * @param plan what the order was compiled to
     */
    static ChangePlan of(Configuration now, Order order, int threads, RoutePlan plan) {
        ConfObject listeners = order.conf().object("listeners").orElse(ConfObject.EMPTY);
        List<String> opened = new ArrayList<>();
        List<String> listening = new ArrayList<>();
        List<String> silent = new ArrayList<>();
        for (String address : listeners.members().keySet()) {
            boolean open = now.listeners().containsKey(address);
            (order.closed().contains(address) ? silent : open ? listening : opened).add(address);
        }
        List<String> closed = new ArrayList<>(now.listeners().keySet());
        closed.removeIf(address -> listeners.has(address) && !order.closed().contains(address));
        ChangePlan changes = new ChangePlan(threads, opened, closed, listening, silent, new ArrayList<>(),
            new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        changes.compare(now.pools(), Configuration.pools(plan), order);
        return changes;
    }

    private void compare(Map<String, AppPool> before, Map<String, AppPool> after, Order order) {
        after.forEach((name, pool) ->
            (before.get(name) == pool ? kept : before.containsKey(name) ? restarted : started).add(name));
        ConfObject applications = order.conf().object("applications").orElse(ConfObject.EMPTY);
        leftOut.addAll(applications.members().keySet());
        leftOut.removeIf(name -> !order.leftOut().contains(name));
        stopped.addAll(before.keySet());
        stopped.removeAll(after.keySet());
    }

    /** As the answer to a trial. */
    ConfObject toConf() {
        return ConfObject.builder()
            .put("listeners", ConfObject.builder().put("opened", list(opened)).put("closed", list(closed))
                .put("kept", list(listening)).put("left_out", list(silent)).build())
            .put("applications", ConfObject.builder().put("started", list(started)).put("restarted", list(restarted))
                .put("stopped", list(stopped)).put("kept", list(kept)).put("left_out", list(leftOut))
                .build())
            .build();
    }

    private static ConfArray list(Collection<String> names) {
        List<Conf> texts = new ArrayList<>();
        names.forEach(name -> texts.add(Conf.of(name)));
        return new ConfArray(texts);
    }
}
