// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.listen.Listener;
import io.margay.port.Header;
import io.margay.port.MessageType;
import io.margay.port.Peer;
import io.margay.port.StartProcess;
import io.margay.posix.Fd;
import io.margay.process.CoreChild;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Gives main copies of the listening sockets, a few in each message. On the control loop. */
final class ListenerCopies {

    private final CoreChild child;

    ListenerCopies(CoreChild child) {
        this.child = child;
    }

    /**
     * Sends all of them.
     *
     * @throws RuntimeException when there are no descriptors left, or main takes no messages; main closes what it has
     */
    void send(Map<String, Listener> listeners) {
        List<String> addresses = new ArrayList<>(listeners.keySet());
        for (int i = 0; i < addresses.size(); i += StartProcess.MAX_DESCRIPTORS) {
            List<String> some = addresses.subList(i, Math.min(addresses.size(), i + StartProcess.MAX_DESCRIPTORS));
            send(some, listeners);
        }
    }

    private void send(List<String> addresses, Map<String, Listener> listeners) {
        Fd[] copies = new Fd[addresses.size()];
        int made = 0;
        try {
            while (made < copies.length) {
                copies[made] = listeners.get(addresses.get(made)).share();
                made++;
            }
        } catch (RuntimeException e) {
            for (int i = 0; i < made; i++) {
                copies[i].close();
            }
            throw e;
        }
        // The descriptors are the port's from here on.
        if (child.main().send(Header.last(MessageType.SOCKETS, 0, child.self()),
                String.join("\0", addresses).getBytes(StandardCharsets.UTF_8), copies) == Peer.Sent.DROPPED) {
            throw new ApplyException("main takes no messages");
        }
    }
}
