// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.DnsServerAddresses;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Asks name servers once for the addresses of a name, of both families, by Netty's resolver: by UDP from a port that is
 * another one each time, by TCP where an answer does not fit. Any thread.
 */
final class DnsQuestion {
    private static final int MOST_QUERIES = 64;

    private DnsQuestion() {
    }

    /** Asks; the answer comes on the loop. */
    static CompletionStage<NameAnswer> ask(String host, ResolvConf conf, EventLoop loop) {
        TimesToLive times = new TimesToLive();
        List<InetSocketAddress> servers = new ArrayList<>(conf.servers());
        if (conf.rotate()) {
            Collections.rotate(servers, ThreadLocalRandom.current().nextInt(servers.size()));
        }
        List<InetSocketAddress> inTurn = Collections.nCopies(conf.attempts(), servers).stream()
            .flatMap(List::stream).toList();
        DnsNameResolver resolver = new DnsNameResolverBuilder(loop)
            .datagramChannelFactory(EpollDatagramChannel::new)
            .socketChannelFactory(EpollSocketChannel::new)
            .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
            .nameServerProvider(name -> DnsServerAddresses.sequential(inTurn).stream())
            .resolveCache(times).cnameCache(times)
            .hostsFileEntriesResolver((name, types) -> null)
            .resolvedAddressTypes(ResolvedAddressTypes.IPV4_PREFERRED)
            .searchDomains(conf.search()).ndots(conf.ndots())
            .queryTimeoutMillis(TimeUnit.SECONDS.toMillis(conf.timeout()))
            .maxQueriesPerResolve(MOST_QUERIES)
            // Not all servers know it, and what is asked for is short.
            .optResourceEnabled(false)
            .build();
        CompletableFuture<NameAnswer> answer = new CompletableFuture<>();
        resolver.resolveAll(host).addListener(future -> {
            resolver.close();
            if (future.isSuccess()) {
                @SuppressWarnings("unchecked")
                List<InetAddress> found = (List<InetAddress>) future.getNow();
                answer.complete(new NameAnswer(List.copyOf(found), times.seconds()));
            } else {
                answer.completeExceptionally(new UnknownHostException(reason(future.cause())));
            }
        });
        return answer;
    }

    private static String reason(Throwable why) {
        // The message of the outer one tells about the resolver's objects.
        Throwable cause = why.getCause() == null ? why : why.getCause();
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}
