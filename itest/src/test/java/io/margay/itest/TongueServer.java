// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A server with an application of each of some languages. */
final class TongueServer {

    private TongueServer() {
    }

    /**
     * Starts it.
     *
     * @param into gets the port of each language
     */
    static TestServer start(Set<Tongue> group, Map<Tongue, Integer> into) throws IOException {
        TestServer server = TestServer.start();
        // Servlets have stack traces; libuv, which is in uvloop, aborts a process whose descriptors were closed.
        server.expect("^\\s+at |exited on signal 6");
        // Applications that break in every way are what this is about.
        server.expect("exited on signal 9|status 0|status 99|the application returned|cannot serve any more"
            + "|too small|is killed|process that is not|status is no number|closed its connection"
            + "|no status|splits it|nothing to say|status 1000|closed a connection before");
        List<Integer> ports = Distribution.freePorts(Tongue.values().length);
        server.control().apply("/config", "{\"settings\": {\"http\": {\"max_body_size\": 120000000}}, "
            + "\"listeners\": {}, \"routes\": [], \"applications\": {}}");
        for (Tongue tongue : group) {
            int port = ports.get(tongue.ordinal());
            into.put(tongue, port);
            server.control().apply("/config/applications/" + tongue.word(),
                tongue.app(server, "app", "\"processes\": 2"));
            server.control().apply("/config/listeners/127.0.0.1:" + port,
                "{\"pass\": \"applications/" + tongue.word() + "\"}");
        }
        return server;
    }
}
