// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;

/** What is shown of upstreams, on any thread. */
final class UpstreamReport {
    private static final int CLASSES = 5;

    private UpstreamReport() {
    }

    static ConfObject of(Upstream upstream) {
        ConfObject.Builder servers = ConfObject.builder();
        upstream.servers().forEach(server -> servers.put(server.pool().endpoint().address(), of(server)));
        return ConfObject.builder().put("servers", servers.build()).build();
    }

    static ConfObject of(UpstreamServer server) {
        UpstreamServerState state = server.state();
        ConfObject.Builder answers = ConfObject.builder();
        for (int i = 1; i <= CLASSES; i++) {
            answers.put(i + "xx", state.answers(i));
        }
        ConfObject.Builder told = ConfObject.builder()
            .put("state", word(server, System.nanoTime()))
            .put("requests", ConfObject.builder().put("active", state.active()).put("total", state.requests())
                .put("failed", state.failures()).build())
            .put("responses", answers.build())
            .put("connections", ConfObject.builder().put("opened", server.pool().openings())
                .put("reused", server.pool().reuses()).build());
        server.pool().addresses().ifPresent(all ->
            told.put("addresses", new ConfArray(all.stream().map(address -> (Conf) Conf.of(address)).toList())));
        return told.build();
    }

    private static String word(UpstreamServer server, long now) {
        UpstreamServerState state = server.state();
        if (server.options().down()) {
            return "down";
        }
        if (state.isDrained()) {
            return "draining";
        }
        return state.isUnhealthy() ? "unhealthy" : state.isFailed(server.options(), now) ? "unavailable" : "up";
    }
}
