// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.engine.EventLoop;
import io.margay.engine.Watch;
import io.margay.posix.Fd;
import io.margay.posix.Sockets;

/**
 * Tells children that main is gone, however it went: main alone holds one end of a socket pair, every child inherits
 * the other and sees it hang up. Unit's children live on without their main and block its next start.
 */
public final class LiveLine implements AutoCloseable {

    private final Fd mainEnd;
    private final Fd childEnd;

    /** Makes the pair. */
    public LiveLine() {
        Fd[] pair = Sockets.pair(Sockets.SOCK_STREAM);
        this.mainEnd = pair[0];
        this.childEnd = pair[1];
    }

    /** The end that children inherit; it stays the line's. */
    public Fd childEnd() {
        return childEnd;
    }

    /** Lets go: children see main as gone. */
    @Override
    public void close() {
        mainEnd.close();
        childEnd.close();
    }

    /**
     * Waits in a child for main's end.
     *
     * @param loop the child's loop
     * @param end the inherited end; closed afterwards
     * @param gone called once on the loop's thread
     * @return stops waiting, on the loop
     */
    public static AutoCloseable watch(EventLoop loop, Fd end, Runnable gone) {
        Watch[] watch = new Watch[1];
        watch[0] = loop.watch(end.number(), (readable, writable, hangup) -> {
            // Nobody ever writes to the line, so whatever happens on it is its end.
            watch[0].cancel();
            end.close();
            gone.run();
        }, true, false);
        return () -> {
            watch[0].cancel();
            end.close();
        };
    }
}
