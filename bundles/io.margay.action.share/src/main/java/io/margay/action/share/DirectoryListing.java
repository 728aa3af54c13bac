// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.log.ErrorLog;
import io.margay.posix.DirectoryNames;
import io.margay.posix.Fd;
import io.margay.posix.FileStatus;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.route.TextMatch;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Answers with what a directory holds, read on a thread beside the loops. Immutable; used by all loops. */
final class DirectoryListing {
    /** The most that are shown. */
    static final int MOST = 4096;
    private static final int UNAVAILABLE = 503;
    private static final AsciiString TYPE = AsciiString.cached("Content-Type");
    private static final AsciiString SELF = AsciiString.cached(".");

    /** DirectoryNames first, then by name. */
    private static final Comparator<Item> ORDER = Comparator.comparing((Item item) -> !item.status().isDirectory())
        .thenComparing(Item::name, Arrays::compareUnsigned);

    private final ListingFormat format;
    private final boolean hidden;
    private final Optional<TextMatch> types;
    private final MimeTypes mimeTypes;
    private final Resolver resolver;
    private final Executor executor;
    private final ErrorLog log;

    /** What stands in a directory: a file that may be served, or another directory. */
    record Item(byte[] name, FileStatus status) {
    }

    /**
     * What is shown of a directory.
     *
     * @param path by which it was asked for
     * @param more whether it holds more than this
     */
    record Content(AsciiString path, List<Item> items, boolean more) {
    }

    /**
     * Creates it.
     *
     * @param hidden whether names that begin with a dot are shown
     * @param types which files may be served
     * @param executor may refuse
     */
    DirectoryListing(ListingFormat format, boolean hidden, Optional<TextMatch> types, MimeTypes mimeTypes,
            Resolver resolver, Executor executor, ErrorLog log) {
        this.format = format;
        this.hidden = hidden;
        this.types = types;
        this.mimeTypes = mimeTypes;
        this.resolver = resolver;
        this.executor = executor;
        this.log = log;
    }

    /**
     * Answers with the first of some directories that can be read.
     *
     * @param paths each ends with a slash
     * @param root that nothing may lead out of; empty if there is none
     * @param otherwise run on the loop if there is none of them
     */
    void show(Exchange exchange, List<AsciiString> paths, AsciiString root, Runnable otherwise) {
        // Views of the request are not for other threads.
        List<AsciiString> copies = paths.stream().map(DirectoryListing::copy).toList();
        AsciiString confinement = copy(root);
        AsciiString asked = copy(exchange.request().path());
        try {
            executor.execute(() -> {
                Optional<byte[]> page = page(copies, confinement, asked);
                exchange.loop().netty().execute(() -> {
                    if (page.isPresent()) {
                        exchange.respond(200, Fields.of(TYPE, format.type()), page.get());
                    } else {
                        otherwise.run();
                    }
                });
            });
        } catch (RejectedExecutionException e) {
            exchange.fail(UNAVAILABLE);
        }
    }

    private static AsciiString copy(AsciiString text) {
        return new AsciiString(text.array(), text.arrayOffset(), text.length(), true);
    }

    private Optional<byte[]> page(List<AsciiString> paths, AsciiString root, AsciiString asked) {
        for (AsciiString path : paths) {
            try {
                Optional<Content> content = read(path, root, asked);
                if (content.isPresent()) {
                    return Optional.of(format.write(content.get()).getBytes(StandardCharsets.UTF_8));
                }
            } catch (PosixException e) {
                log.error("\"" + Resolver.text(path) + "\" could not be read: " + e.getMessage());
            }
        }
        return Optional.empty();
    }

    /** Reads a directory; empty if there is none that may be read. */
    Optional<Content> read(AsciiString path, AsciiString root, AsciiString asked) {
        int number = resolver.open(path.concat(SELF), root, Files.O_RDONLY | Files.O_NONBLOCK | Files.O_DIRECTORY);
        if (number < 0) {
            return Optional.empty();
        }
        List<Item> items = new ArrayList<>();
        boolean more;
        try (Fd fd = Fd.own(number)) {
            more = DirectoryNames.read(fd.number(), MOST, name -> {
                if (hidden || name[0] != '.') {
                    item(path, root, name).ifPresent(items::add);
                }
            });
        }
        items.sort(ORDER);
        return Optional.of(new Content(asked, items, more));
    }

    /** What a name stands for, if it is something that a request for it would get. */
    private Optional<Item> item(AsciiString path, AsciiString root, byte[] name) {
        AsciiString file = path.concat(new AsciiString(name, false));
        int number = resolver.open(file, root, Files.O_PATH);
        if (number < 0) {
            return Optional.empty();
        }
        try (Fd fd = Fd.own(number)) {
            FileStatus status = Files.status(fd.number());
            boolean shown = status.isDirectory() || status.isRegular()
                && (types.isEmpty() || types.get().test(new AsciiString(mimeTypes.of(file).orElse(""))));
            return shown ? Optional.of(new Item(name, status)) : Optional.empty();
        } catch (PosixException e) {
            // Gone meanwhile.
            return Optional.empty();
        }
    }
}
