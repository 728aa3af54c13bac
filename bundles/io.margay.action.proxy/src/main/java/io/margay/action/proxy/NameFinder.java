// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.netty.channel.EventLoop;
import io.netty.resolver.HostsFileEntriesProvider;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Finds the addresses of names: in the file of hosts, then from name servers. The files are read on a thread that
 * exists only then, and again when they have changed; name servers are asked on the loop of who wants to know. Any
 * thread.
 */
final class NameFinder {
    /** How long what a file says is taken for good, seconds. */
    static final int FILE_SECONDS = 10;
    private static final int KEPT_SECONDS = 5;
    private static final int MOST_WAITING = 1000;
    private static final String LOCAL = "localhost";

    private final WatchedFile<HostsFileEntriesProvider> hosts;
    private final WatchedFile<ResolvConf> conf;
    private final ThreadPoolExecutor executor;

    /** Those of the system. */
    NameFinder() {
        this(Path.of("/etc/hosts"), Path.of("/etc/resolv.conf"));
    }

    /** Those of other files. */
    NameFinder(Path hostsFile, Path confFile) {
        hosts = new WatchedFile<>(hostsFile, lines ->
            HostsFileEntriesProvider.parser().parse(new StringReader(String.join("\n", lines))));
        conf = new WatchedFile<>(confFile, ResolvConf::read);
        executor = new ThreadPoolExecutor(1, 1, KEPT_SECONDS, TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            Thread.ofPlatform().daemon().name("upstream-names").factory());
        executor.allowCoreThreadTimeOut(true);
    }

    /**
     * Finds the addresses of a name.
     *
     * @param servers whom to ask; those of the system if empty
     * @param loop where they are asked, and where the answer comes if they were
     * @return fails with an exception that says why there are none
     */
    CompletionStage<NameAnswer> find(String host, List<InetSocketAddress> servers, EventLoop loop) {
        CompletableFuture<NameAnswer> answer = new CompletableFuture<>();
        try {
            executor.execute(() -> {
                try {
                    look(host, servers, loop).whenComplete((found, failure) -> {
                        if (failure == null) {
                            answer.complete(found);
                        } else {
                            answer.completeExceptionally(failure);
                        }
                    });
                } catch (IOException | RuntimeException e) {
                    answer.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(new IOException("too many names are being looked up", e));
        }
        return answer;
    }

    private CompletionStage<NameAnswer> look(String host, List<InetSocketAddress> servers, EventLoop loop)
            throws IOException {
        List<InetAddress> local = inFile(host);
        if (!local.isEmpty()) {
            return CompletableFuture.completedFuture(new NameAnswer(local, FILE_SECONDS));
        }
        return DnsQuestion.ask(host, servers.isEmpty() ? conf.read() : ResolvConf.of(servers), loop);
    }

    private List<InetAddress> inFile(String host) throws IOException {
        String name = host.toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
        HostsFileEntriesProvider entries = hosts.read();
        List<InetAddress> found = new ArrayList<>(entries.ipv4Entries().getOrDefault(name, List.of()));
        found.addAll(entries.ipv6Entries().getOrDefault(name, List.of()));
        if (found.isEmpty() && (name.equals(LOCAL) || name.endsWith('.' + LOCAL))) {
            // RFC 6761 §6.3: nobody else is asked for it.
            found.add(InetAddress.ofLiteral("127.0.0.1"));
            found.add(InetAddress.ofLiteral("::1"));
        }
        return List.copyOf(found);
    }

    /** What is in a file; it is read again when it has changed. */
    private static final class WatchedFile<T> {
        private final Path file;
        private final Parser<T> parser;
        private String seen = "";
        private T content;

        interface Parser<T> {
            T parse(List<String> lines) throws IOException;
        }

        WatchedFile(Path file, Parser<T> parser) {
            this.file = file;
            this.parser = parser;
        }

        /** What it holds; a file that is not there, or that nobody may read, is empty. */
        synchronized T read() throws IOException {
            String now = Files.isReadable(file) ? Files.readAttributes(file, "unix:ino,size,ctime").toString() : "none";
            if (content == null || !now.equals(seen)) {
                content = parser.parse(now.equals("none") ? List.of()
                    : Files.readString(file, StandardCharsets.ISO_8859_1).lines().toList());
                seen = now;
            }
            return content;
        }
    }
}
