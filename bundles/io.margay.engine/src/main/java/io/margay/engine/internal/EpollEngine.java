// SPDX-License-Identifier: Apache-2.0
package io.margay.engine.internal;

import io.margay.engine.EventEngine;
import io.margay.engine.EventLoops;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/** The loops of this process, on Netty's epoll. */
@Component
public final class EpollEngine implements EventEngine {

    private final List<EventLoops> made = new ArrayList<>();
    private boolean gone;

    @Override
    public synchronized EventLoops loops(String name, int count, Consumer<Throwable> failures) {
        if (gone) {
            throw new IllegalStateException("no loops \"" + name + "\": the event engine has stopped");
        }
        made.removeIf(EventLoops::isShutdown);
        EventLoops loops = EventLoops.create(name, count, failures);
        made.add(loops);
        return loops;
    }

    /** Ends what is left; does not wait, since a loop's own thread may be the one that stops the bundle. */
    @Deactivate
    synchronized void stop() {
        gone = true;
        made.forEach(EventLoops::shutdown);
        made.clear();
    }
}
