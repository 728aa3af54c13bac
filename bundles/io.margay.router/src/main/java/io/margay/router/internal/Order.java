// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfString;
import io.margay.conf.ConfSyntaxException;
import java.util.HashSet;
import java.util.Set;

/**
 * What the controller wants to be in force. What its configuration has switched off ({@code enabled}) is left out.
 *
 * @param conf the configuration
 * @param leftOut applications that are not to be started: what is passed to them is answered 503
 * @param closed listeners that are not to be opened
 * @param preview whether it is only to be said what would happen
 */
record Order(ConfObject conf, Set<String> leftOut, Set<String> closed, boolean preview) {

    Order {
        leftOut = with(leftOut, conf, "applications");
        closed = with(closed, conf, "listeners");
    }

    private static Set<String> with(Set<String> named, ConfObject conf, String part) {
        Set<String> all = new HashSet<>(named);
        conf.object(part).orElse(ConfObject.EMPTY).members().forEach((name, value) -> {
            if (value instanceof ConfObject object && !object.bool("enabled", true)) {
                all.add(name);
            }
        });
        return Set.copyOf(all);
    }

    /**
     * Reads it.
     *
     * @throws ApplyException when it is malformed, or there is no memory for it
     */
    static Order parse(byte[] text) {
        try {
            ConfObject order = (ConfObject) ConfParser.parse(text, OrderMemory.forTree(text.length));
            return new Order(order.object("configuration").orElse(ConfObject.EMPTY), names(order, "leftOut"),
                names(order, "closed"), order.bool("preview", false));
        } catch (ConfSyntaxException | ClassCastException e) {
            throw new ApplyException("conf_data_handler: malformed configuration: " + e.getMessage());
        }
    }

    private static Set<String> names(ConfObject order, String member) {
        Set<String> names = new HashSet<>();
        order.array(member).orElse(ConfArray.EMPTY).elements().forEach(name ->
            names.add(name instanceof ConfString text ? text.value() : ""));
        return Set.copyOf(names);
    }

    /** The listeners that are to be open. */
    ConfObject listeners() {
        ConfObject.Builder open = ConfObject.builder();
        conf.object("listeners").orElse(ConfObject.EMPTY).members().forEach((address, listener) -> {
            if (!closed.contains(address)) {
                open.put(address, listener);
            }
        });
        return open.build();
    }

    /** The applications that are to be started. */
    ConfObject applications() {
        ConfObject.Builder started = ConfObject.builder();
        conf.object("applications").orElse(ConfObject.EMPTY).members().forEach((name, application) -> {
            if (!leftOut.contains(name)) {
                started.put(name, application);
            }
        });
        return started.build();
    }
}
