// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.Exchange;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * The server that owns the place of a key on a ring, or the next one that takes requests: when a server comes or goes,
 * only keys that were or will be its own move.
 */
final class ConsistentHash implements Balancer {
    /** Places of a server with the average weight. */
    private static final int PLACES = 160;
    private static final int MOST_PLACES = 1 << 16;
    private static final int PRIME = 0x01000193;
    private static final int BASIS = 0x811c9dc5;

    private final List<UpstreamServer> servers;
    private final Function<Exchange, AsciiString> key;
    /** Place, unsigned, in the upper half, number of the server in the lower. */
    private final long[] ring;

    ConsistentHash(List<UpstreamServer> servers, Function<Exchange, AsciiString> key) {
        this.servers = List.copyOf(servers);
        this.key = key;
        double total = servers.stream().mapToDouble(UpstreamServer::weight).sum();
        ring = servers.stream().filter(server -> server.weight() > 0).flatMapToLong(server -> {
            long places = Math.round(PLACES * server.weight() * servers.size() / total);
            return LongStream.range(0, Math.clamp(places, 1, MOST_PLACES)).map(i ->
                Integer.toUnsignedLong(hash(text(server.pool().endpoint().address() + '-' + i))) << 32
                    | servers.indexOf(server));
        }).sorted().toArray();
    }

    private static AsciiString text(String text) {
        return new AsciiString(text.getBytes(StandardCharsets.UTF_8), false);
    }

    /** FNV-1a, stirred once more, since texts that differ at their end alone stay close otherwise. */
    static int hash(AsciiString text) {
        int hash = BASIS;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.byteAt(i) & 0xff) * PRIME;
        }
        hash = (hash ^ hash >>> 16) * 0x85ebca6b;
        hash = (hash ^ hash >>> 13) * 0xc2b2ae35;
        return hash ^ hash >>> 16;
    }

    @Override
    public Optional<UpstreamServer> pick(Candidates candidates) {
        long place = Integer.toUnsignedLong(hash(key.apply(candidates.exchange()))) << 32;
        int at = Arrays.binarySearch(ring, place);
        int start = at < 0 ? -at - 1 : at;
        for (int i = 0; i < ring.length; i++) {
            UpstreamServer server = servers.get((int) ring[(start + i) % ring.length]);
            if (candidates.takes(server)) {
                return Optional.of(server);
            }
        }
        return Optional.empty();
    }
}
