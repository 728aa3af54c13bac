// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.http.FileSlice;
import io.margay.http.HttpDate;
import io.margay.log.ErrorLog;
import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.FileStatus;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.route.Action;
import io.margay.route.Template;
import io.margay.route.TextMatch;
import io.margay.route.UriEncoding;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Serves files: the algorithm of spec/routing.md §7. Immutable; used by all loops. */
final class ShareAction implements Action {
    /** Files up to this size are read at once and sent with their head; larger ones are sent by the kernel. */
    private static final int SMALL = 64 * 1024;
    private static final int SERVED = 0;
    private static final AsciiString LAST_MODIFIED = AsciiString.cached("Last-Modified");
    private static final AsciiString ETAG = AsciiString.cached("ETag");
    private static final AsciiString TYPE = AsciiString.cached("Content-Type");
    private static final AsciiString LOCATION = AsciiString.cached("Location");
    private static final AsciiString EMPTY = AsciiString.EMPTY_STRING;

    private final Template[] shares;
    private final AsciiString index;
    private final Optional<TextMatch> types;
    private final Optional<Action> fallback;
    private final Resolver resolver;
    private final MimeTypes mimeTypes;
    private final FileCache cache;
    private final ErrorLog log;

    ShareAction(List<Template> shares, String index, Optional<TextMatch> types, Optional<Action> fallback,
                Resolver resolver, MimeTypes mimeTypes, FileCache cache, ErrorLog log) {
        this.shares = shares.toArray(Template[]::new);
        this.index = new AsciiString(index.getBytes(StandardCharsets.UTF_8), false);
        this.types = types;
        this.fallback = fallback;
        this.resolver = resolver;
        this.mimeTypes = mimeTypes;
        this.cache = cache;
        this.log = log;
    }

    @Override
    public void run(Exchange exchange) {
        int status = 405;
        if (exchange.request().isGet() || exchange.request().isHead()) {
            AsciiString root = resolver.root(exchange);
            for (Template share : shares) {
                status = serve(exchange, share.evaluate(exchange), root);
                if (status == SERVED) {
                    return;
                }
                if (status == 500) {
                    exchange.fail(500);
                    return;
                }
            }
        }
        if (fallback.isEmpty()) {
            exchange.fail(status);
            return;
        }
        if (exchange.settings().logRoute()) {
            log.notice("\"fallback\" taken");
        }
        fallback.get().run(exchange);
    }

    /** Tries one path; {@link #SERVED} or the status of this share. */
    private int serve(Exchange exchange, AsciiString share, AsciiString root) {
        if (share.isEmpty() || share.indexOf((char) 0, 0) >= 0 || root.indexOf((char) 0, 0) >= 0) {
            return 404;
        }
        AsciiString path = share;
        if (share.byteAt(share.length() - 1) == '/') {
            path = share.concat(index);
        } else if (types.isPresent() && !types.get().test(new AsciiString(mimeTypes.of(path).orElse("")))) {
            return 403;
        }
        return resolver.isPlain() && cached(exchange, path) ? SERVED : open(exchange, path, root);
    }

    private boolean cached(Exchange exchange, AsciiString path) {
        Optional<FileCache.Entry> found = cache.get(path, mimeTypes);
        if (found.isEmpty()) {
            return false;
        }
        FileCache.Entry entry = found.get();
        if (!cache.isFresh(entry)) {
            if (!isCurrent(path, entry)) {
                cache.remove(path, entry);
                return false;
            }
            cache.confirm(entry);
        }
        entry.respond(exchange);
        return true;
    }

    private static boolean isCurrent(AsciiString path, FileCache.Entry entry) {
        try {
            return Files.status(path.toByteArray()).filter(entry::isOf).isPresent();
        } catch (PosixException e) {
            // Opening it will tell what is wrong.
            return false;
        }
    }

    private int open(Exchange exchange, AsciiString path, AsciiString root) {
        int number = resolver.open(path, root);
        if (number < 0) {
            return refused(path, -number);
        }
        try (Fd fd = Fd.own(number)) {
            FileStatus status = Files.status(fd.number());
            if (status.isDirectory() && path.byteAt(path.length() - 1) != '/') {
                redirect(exchange);
                return SERVED;
            }
            if (!status.isRegular()) {
                return special(path);
            }
            send(exchange, path, fd, status);
            return SERVED;
        } catch (PosixException e) {
            log.error("\"" + Resolver.text(path) + "\" could not be read: " + e.getMessage());
            return 500;
        }
    }

    private int refused(AsciiString path, int errno) {
        return switch (errno) {
            case Errno.ENOENT, Errno.ENOTDIR, Errno.ENAMETOOLONG -> 404;
            // Sockets, and devices without a driver.
            case Errno.ENXIO, Errno.ENODEV -> special(path);
            case Errno.EACCES, Errno.ELOOP, Errno.EXDEV -> {
                log.error("opening \"" + Resolver.text(path) + "\" failed "
                    + PosixException.describe(errno));
                yield 403;
            }
            default -> {
                log.alert("opening \"" + Resolver.text(path) + "\" failed "
                    + PosixException.describe(errno));
                yield 500;
            }
        };
    }

    private int special(AsciiString path) {
        log.error("\"" + Resolver.text(path) + "\" is not a regular file");
        return 404;
    }

    private void send(Exchange exchange, AsciiString path, Fd fd, FileStatus status) {
        Fields fields = fields(path, status);
        if (status.size() > SMALL) {
            exchange.respond(200, fields, new FileSlice(Fd.own(fd.release()), 0, status.size()));
            return;
        }
        byte[] content = Files.readAll(fd.number(), SMALL);
        FileCache.Entry entry = new FileCache.Entry(status, mimeTypes, fields, content);
        if (resolver.isPlain() && content.length == status.size()) {
            cache.put(path, entry);
        }
        entry.respond(exchange);
    }

    private Fields fields(AsciiString path, FileStatus status) {
        byte[] date = new byte[HttpDate.LENGTH];
        HttpDate.write(status.modifiedSeconds(), date, 0);
        Fields fields = Fields.of(LAST_MODIFIED, new AsciiString(date, false), ETAG, AsciiString.of("\""
            + Long.toHexString(status.modifiedSeconds()) + "-" + Long.toHexString(status.size()) + "\""));
        Optional<String> type = mimeTypes.of(path);
        return type.isEmpty() ? fields
            : fields.and(TYPE, new AsciiString(type.get().getBytes(StandardCharsets.UTF_8), false));
    }

    private static void redirect(Exchange exchange) {
        AsciiString query = exchange.request().query();
        AsciiString location = UriEncoding.path(exchange.request().path());
        AsciiString rest = query.isEmpty() ? EMPTY : AsciiString.of("?").concat(query);
        exchange.respond(301, Fields.of(LOCATION, location.concat("/").concat(rest)), new byte[0]);
    }
}
