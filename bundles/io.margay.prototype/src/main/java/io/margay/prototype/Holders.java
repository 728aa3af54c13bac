// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.isolation.Isolation;
import io.margay.isolation.Mount;
import io.margay.port.Rpc;
import io.margay.process.ProcessEntry;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The holders that workers can enter, by what is theirs alone. Used on main's loop. */
final class Holders {

    /** Streams of their starts are numbers that no router gives: those of main. */
    private static final int FIRST = Rpc.OWNER_MAIN << 24;
    private static final int LAST = FIRST | 0xffffff;
    /** What the namespaces are made of: a router that uses one generation for two applications mixes nothing. */
    private static final List<String> MAKING = List.of("isolation", "user", "group", "working_directory");

    private record Key(Optional<ProcessEntry> router, int generation, String application, String isolation) {
    }

    private final Prototypes.Tools tools;
    private final Consumer<HolderStart> begin;
    private final Map<Key, Holder> open = new HashMap<>();
    private int stream = FIRST;

    /**
     * None yet.
     *
     * @param begin makes the process of a start
     */
    Holders(Prototypes.Tools tools, Consumer<HolderStart> begin) {
        this.tools = tools;
        this.begin = begin;
    }

    /** The holder for a worker; it is started if there is none, and may fail at once. */
    Holder of(PrototypeStart.Order order, Isolation isolation, List<Mount> mounts) {
        Key key = new Key(order.orderer(), order.generation(), order.app().name(), making(order.app().conf()));
        Holder known = open.get(key);
        if (known != null && !known.isLost()) {
            return known;
        }
        stream = stream == LAST ? FIRST + 1 : stream + 1;
        Holder fresh = new Holder(tools, order, stream, isolation, mounts, retired -> open.remove(key, retired));
        open.put(key, fresh);
        begin.accept(fresh.start());
        return fresh;
    }

    /** A router has no process of the generation any more and starts none. */
    void end(ProcessEntry router, int generation) {
        Map.copyOf(open).forEach((key, holder) -> {
            if (key.generation() == generation && key.router().filter(router::equals).isPresent()) {
                holder.leave();
            }
        });
    }

    private static String making(ConfObject application) {
        ConfObject.Builder parts = ConfObject.builder();
        MAKING.forEach(name -> application.get(name).ifPresent((Conf part) -> parts.put(name, part)));
        return new String(ConfWriter.compact(parts.build()), StandardCharsets.UTF_8);
    }
}
