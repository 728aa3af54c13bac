// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import io.margay.http.AcceptedCodings;
import io.margay.http.Ascii;
import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.http.HttpDate;
import io.margay.http.Variants;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Serves files: the algorithm of spec/routing.md §7. Immutable; used by all loops. */
final class ShareAction implements Action {
    /** Files up to this size are read at once and sent with their head; larger ones are sent by the kernel. */
    private static final int SMALL = 64 * 1024;
    /** What filters make of files up to this size is kept. */
    private static final int CODED = 1 << 20;
    private static final int SERVED = 0;
    /** Behind paths in keys of the cache, since no path has it: the same file is another response. */
    private static final AsciiString MARK = AsciiString.of("\0");
    private static final AsciiString LAST_MODIFIED = AsciiString.cached("Last-Modified");
    private static final AsciiString ETAG = AsciiString.cached("ETag");
    private static final AsciiString TYPE = AsciiString.cached("Content-Type");
    private static final AsciiString ENCODING = AsciiString.cached("Content-Encoding");
    private static final AsciiString VARY = AsciiString.cached("Vary");
    private static final AsciiString ACCEPT_ENCODING = AsciiString.cached("Accept-Encoding");
    private static final AsciiString LOCATION = AsciiString.cached("Location");
    private static final AsciiString EMPTY = AsciiString.EMPTY_STRING;

    /**
     * A file that may be served.
     *
     * @param key its name in the cache
     * @param of what it is a sibling of
     * @param varies whether others may get another one
     */
    private record Target(AsciiString path, AsciiString key, Optional<Of> of, boolean varies) {
    }

    private record Of(Sibling sibling, AsciiString path) {
    }

    private final Template[] shares;
    private final AsciiString index;
    private final Optional<TextMatch> types;
    private final Optional<Action> fallback;
    private final Optional<DirectoryListing> listing;
    private final Resolver resolver;
    private final MimeTypes mimeTypes;
    private final boolean precompressed;
    private final FileCache cache;
    private final ErrorLog log;

    ShareAction(List<Template> shares, String index, Optional<TextMatch> types, Optional<Action> fallback,
                Optional<DirectoryListing> listing, Resolver resolver, MimeTypes mimeTypes, boolean precompressed,
                FileCache cache, ErrorLog log) {
        this.shares = shares.toArray(Template[]::new);
        this.index = new AsciiString(index.getBytes(StandardCharsets.UTF_8), false);
        this.types = types;
        this.fallback = fallback;
        this.listing = listing;
        this.resolver = resolver;
        this.mimeTypes = mimeTypes;
        this.precompressed = precompressed;
        this.cache = cache;
        this.log = log;
    }

    @Override
    public void run(Exchange exchange) {
        int status = 405;
        List<AsciiString> directories = List.of();
        AsciiString root = AsciiString.EMPTY_STRING;
        if (exchange.request().isGet() || exchange.request().isHead()) {
            root = resolver.root(exchange);
            for (Template share : shares) {
                AsciiString path = share.evaluate(exchange);
                status = serve(exchange, path, root);
                if (status == SERVED) {
                    return;
                }
                if (status == 500) {
                    exchange.fail(500);
                    return;
                }
                if (status == 404 && isListed(exchange, path)) {
                    directories = directories.isEmpty() ? new ArrayList<>(shares.length) : directories;
                    directories.add(path);
                }
            }
        }
        if (directories.isEmpty()) {
            otherwise(exchange, status);
        } else {
            int last = status;
            listing.orElseThrow().show(exchange, directories, root, () -> otherwise(exchange, last));
        }
    }

    /** Links in a list are relative, so it has to be asked for as a directory as well. */
    private boolean isListed(Exchange exchange, AsciiString path) {
        return listing.isPresent() && isDirectory(path) && path.indexOf((char) 0, 0) < 0
            && isDirectory(exchange.request().path());
    }

    private static boolean isDirectory(AsciiString path) {
        return !path.isEmpty() && path.byteAt(path.length() - 1) == '/';
    }

    /** Nothing could be served. */
    private void otherwise(Exchange exchange, int status) {
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
        if (isDirectory(share)) {
            path = share.concat(index);
        } else if (types.isPresent() && !types.get().test(new AsciiString(mimeTypes.of(path).orElse("")))) {
            return 403;
        }
        if (!precompressed) {
            return serve(exchange, new Target(path, path, Optional.empty(), false), root);
        }
        for (Sibling sibling : Sibling.of(path, AcceptedCodings.of(exchange.request()))) {
            AsciiString key = path.concat(MARK).concat(sibling.coding());
            if (serve(exchange, new Target(sibling.path(path), key.concat(sibling.path(path)), Optional.of(
                new Of(sibling, path)), true), root) == SERVED) {
                return SERVED;
            }
        }
        return serve(exchange, new Target(path, path.concat(MARK), Optional.empty(), true), root);
    }

    private int serve(Exchange exchange, Target target, AsciiString root) {
        return resolver.isPlain() && cached(exchange, target) ? SERVED : open(exchange, target, root);
    }

    private boolean cached(Exchange exchange, Target target) {
        Optional<FileCache.Entry> found = cache.get(target.key(), mimeTypes).filter(FileCache.Entry::isWhole);
        if (found.isEmpty()) {
            return false;
        }
        FileCache.Entry entry = found.get();
        if (!cache.isFresh(entry)) {
            if (!isCurrent(target.path(), entry)) {
                cache.remove(target.key(), entry);
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

    private int open(Exchange exchange, Target target, AsciiString root) {
        AsciiString path = target.path();
        int number = resolver.open(path, root);
        if (number < 0) {
            return target.of().isPresent() ? 404 : refused(path, -number);
        }
        try (Fd fd = Fd.own(number)) {
            FileStatus status = Files.status(fd.number());
            if (target.of().isPresent() && !status.isRegular()) {
                return 404;
            }
            if (status.isDirectory() && !isDirectory(path)) {
                redirect(exchange);
                return SERVED;
            }
            if (!status.isRegular()) {
                if (status.isDirectory() && listing.isPresent()) {
                    return 404;
                }
                return special(path);
            }
            send(exchange, target, fd, status);
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

    private void send(Exchange exchange, Target target, Fd fd, FileStatus status) {
        Validators validators = validators(status);
        Fields fields = fields(target, validators);
        if (status.size() > SMALL) {
            Content.Open file = new Content.Open(Fd.own(fd.release()), status.size());
            if (!Validators.isConditional(exchange.request())
                || !FileResponse.answers(exchange, fields, validators, file)) {
                exchange.respond(200, fields, file.slice(0, status.size()), variants(target, status, fields,
                    validators));
            }
            return;
        }
        byte[] content = Files.readAll(fd.number(), SMALL);
        FileCache.Entry entry = new FileCache.Entry(status, mimeTypes, fields, validators, content);
        if (resolver.isPlain() && content.length == status.size()) {
            cache.put(target.key(), entry);
        }
        entry.respond(exchange);
    }

    /** Where filters keep what they make of a file that is too large to be kept itself. */
    private Variants variants(Target target, FileStatus status, Fields fields, Validators validators) {
        if (!resolver.isPlain() || status.size() > CODED) {
            return new Variants(0);
        }
        Optional<FileCache.Entry> known = cache.get(target.key(), mimeTypes).filter(entry -> entry.isOf(status));
        if (known.isPresent()) {
            return known.get().variants();
        }
        FileCache.Entry entry = new FileCache.Entry(status, mimeTypes, fields, validators);
        cache.put(target.key(), entry);
        return entry.variants();
    }

    private static Validators validators(FileStatus status) {
        byte[] date = new byte[HttpDate.LENGTH];
        HttpDate.write(status.modifiedSeconds(), date, 0);
        String tag = "\"" + Long.toHexString(status.modifiedSeconds()) + "-" + Long.toHexString(status.size()) + "\"";
        // A file may change again in the second of its last change.
        boolean settled = status.modifiedSeconds() < System.currentTimeMillis() / 1000;
        return new Validators(new AsciiString(date, false), AsciiString.of(settled ? tag : "W/" + tag),
            status.modifiedSeconds());
    }

    private Fields fields(Target target, Validators validators) {
        Fields fields = Fields.of(LAST_MODIFIED, validators.date(), ETAG, validators.tag());
        Optional<String> type = mimeTypes.of(target.of().map(Of::path).orElse(target.path()));
        if (type.isPresent()) {
            fields = fields.and(TYPE, new AsciiString(type.get().getBytes(StandardCharsets.UTF_8), false));
        }
        if (target.of().isPresent()) {
            fields = fields.and(ENCODING, target.of().get().sibling().coding());
        }
        return target.varies() ? fields.and(VARY, ACCEPT_ENCODING) : fields;
    }

    private static void redirect(Exchange exchange) {
        AsciiString query = exchange.request().query();
        AsciiString location = UriEncoding.path(exchange.request().path());
        AsciiString rest = query.isEmpty() ? EMPTY : AsciiString.of("?").concat(fit(query));
        exchange.respond(301, Fields.of(LOCATION, location.concat("/").concat(rest)), new byte[0]);
    }

    /** A query stays as it came (spec/routing.md §7), but for control characters, which no field may hold. */
    private static AsciiString fit(AsciiString query) {
        AsciiString fit = EMPTY;
        int kept = 0;
        for (int i = 0; i < query.length(); i++) {
            if (!Ascii.isValue(query.byteAt(i))) {
                fit = fit.concat(query.subSequence(kept, i)).concat(UriEncoding.path(query.subSequence(i, i + 1)));
                kept = i + 1;
            }
        }
        return kept == 0 ? query : fit.concat(query.subSequence(kept, query.length()));
    }
}
