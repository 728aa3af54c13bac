// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The questions to the servers of one upstream, as long as its configuration is in force. */
final class HealthChecks implements AutoCloseable {
    private final String upstream;
    private final List<UpstreamServer> servers;
    private final HealthOptions options;
    private final Optional<FastCgiOptions> fastCgi;
    private final Consumer<String> log;
    private volatile boolean closed;

    HealthChecks(String upstream, List<UpstreamServer> servers, HealthOptions options,
        Optional<FastCgiOptions> fastCgi, Consumer<String> log) {
        this.upstream = upstream;
        this.servers = servers;
        this.options = options;
        this.fastCgi = fastCgi;
        this.log = log;
    }

    /** Begins to ask all of them, one soon after the other. */
    void start(EventLoop loop) {
        servers.forEach(server -> {
            Row row = new Row(server, loop);
            loop.schedule(row::ask, ThreadLocalRandom.current().nextInt(1 + options.interval() / 10),
                TimeUnit.MILLISECONDS);
        });
    }

    @Override
    public void close() {
        closed = true;
    }

    /** The answers of one server, on the loop. */
    private final class Row {
        private final UpstreamServer server;
        private final EventLoop loop;
        private int fails;
        private int passes;

        Row(UpstreamServer server, EventLoop loop) {
            this.server = server;
            this.loop = loop;
        }

        void ask() {
            if (!closed) {
                new HealthProbe(server.pool(), options, fastCgi, loop, this::answered).begin();
            }
        }

        private void answered(String trouble) {
            if (closed) {
                return;
            }
            boolean good = trouble.isEmpty();
            fails = good ? 0 : fails + 1;
            passes = good ? passes + 1 : 0;
            UpstreamServerState state = server.state();
            if (state.isUnhealthy() && passes >= options.passes()) {
                state.unhealthy(false, System.nanoTime());
                log.accept(name() + " is well again");
            } else if (!state.isUnhealthy() && fails >= options.fails()) {
                state.unhealthy(true, System.nanoTime());
                log.accept(name() + " is unwell: " + trouble);
            }
            loop.schedule(this::ask, options.interval(), TimeUnit.MILLISECONDS);
        }

        private String name() {
            return "upstream \"" + upstream + "\" server \"" + server.pool().endpoint().address() + '"';
        }
    }
}
