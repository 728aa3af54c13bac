// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.resolver.dns.DnsCache;
import io.netty.resolver.dns.DnsCacheEntry;
import io.netty.resolver.dns.DnsCnameCache;
import java.net.InetAddress;
import java.util.List;

/** Keeps nothing of the answers to one question but how long they are good. On the loop of the question. */
final class TimesToLive implements DnsCache, DnsCnameCache {
    private long least = Long.MAX_VALUE;

    private record Entry(InetAddress address, Throwable cause) implements DnsCacheEntry {
    }

    /** Seconds for which all that was heard is good. */
    long seconds() {
        return least == Long.MAX_VALUE ? 0 : least;
    }

    @Override
    public void clear() {
        // Nothing is kept.
    }

    @Override
    public boolean clear(String name) {
        return false;
    }

    @Override
    public List<? extends DnsCacheEntry> get(String name, DnsRecord[] additionals) {
        return List.of();
    }

    @Override
    public DnsCacheEntry cache(String name, DnsRecord[] additionals, InetAddress address, long seconds,
        EventLoop loop) {
        least = Math.min(least, seconds);
        return new Entry(address, null);
    }

    @Override
    public DnsCacheEntry cache(String name, DnsRecord[] additionals, Throwable cause, EventLoop loop) {
        return new Entry(null, cause);
    }

    @Override
    public String get(String name) {
        return null;
    }

    @Override
    public void cache(String name, String alias, long seconds, EventLoop loop) {
        least = Math.min(least, seconds);
    }
}
