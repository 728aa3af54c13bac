// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.accesslog;

import io.margay.conf.Conf;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfString;
import io.margay.http.Exchange;
import io.margay.log.ErrorLog;
import io.margay.log.LogOpener;
import io.margay.route.Observer;
import io.margay.route.RouteException;
import io.margay.route.Section;
import io.margay.route.SectionContext;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The access log of one configuration (spec/routing.md §11): which file, which requests, which format. */
final class AccessLogSection implements Section, Observer {
    private final String path;
    private final LogFormat format;
    private final Rotation rotation;
    private final Optional<Predicate<Exchange>> condition;
    private final boolean readsResponse;
    private final ConfPointer at;
    private final LogOpener opener;
    private final ErrorLog log;
    private final Consumer<CompletionStage<Void>> closing;
    private Optional<LogFile> kept;
    private boolean closed;
    /** Set on the control thread before the first request comes. */
    private LogFile file;

    private AccessLogSection(SectionContext context, Conf value, LogOpener opener,
                             Consumer<CompletionStage<Void>> closing) {
        ConfObject options = options(value, context);
        this.path = path(options, value, context);
        this.format = LogFormat.compile(present(options, "format"), context);
        this.rotation = Rotation.of(present(options, Rotation.OPTION), context);
        Optional<String> text = present(options, "if").map(given -> text(given, "if", context));
        this.condition = text.map(given -> context.condition("if", given));
        this.readsResponse = format.readsResponse()
            || text.filter(given -> context.template("if", given.replaceFirst("^!", "")).readsResponse()).isPresent();
        this.at = value instanceof ConfString ? context.at() : context.at().child("path");
        this.opener = opener;
        this.log = context.log();
        this.closing = closing;
        this.kept = context.previous().filter(AccessLogSection.class::isInstance).map(AccessLogSection.class::cast)
            .flatMap(before -> before.lend(path));
    }

    /**
     * Compiles the option {@code access_log}.
     *
     * @param opener opens the file unless the configuration before has it open
     * @param closing is told of files that are about to be closed
     */
    static AccessLogSection compile(Conf value, SectionContext context, LogOpener opener,
                                    Consumer<CompletionStage<Void>> closing) {
        return new AccessLogSection(context, value, opener, closing);
    }

    private static ConfObject options(Conf value, SectionContext context) {
        return switch (value) {
            case ConfObject object -> object;
            case ConfString text -> ConfObject.builder().put("path", text.value()).build();
            default -> throw context.error("", "The \"access_log\" value must be a string or an object.");
        };
    }

    private static String path(ConfObject options, Conf value, SectionContext context) {
        Optional<Conf> given = present(options, "path");
        String option = value instanceof ConfString || given.isEmpty() ? "" : "path";
        String path = given.isEmpty() ? "" : text(given.get(), option, context);
        if (path.isEmpty()) {
            throw context.error(option, "The \"path\" string must not be empty.");
        }
        return path;
    }

    private static Optional<Conf> present(ConfObject object, String name) {
        return object.get(name).filter(value -> !(value instanceof ConfNull));
    }

    private static String text(Conf value, String option, SectionContext context) {
        if (value instanceof ConfString text) {
            return text.value();
        }
        throw context.error(option, "The \"" + option + "\" value must be a string.");
    }

    /** The file, if it is that of the path and open: one user more. */
    private Optional<LogFile> lend(String wanted) {
        return closed || file == null || !path.equals(wanted) ? Optional.empty() : Optional.of(file.use());
    }

    Optional<LogFile> file() {
        return Optional.ofNullable(file);
    }

    @Override
    public CompletionStage<Void> start() {
        if (kept.isPresent()) {
            file = kept.get();
            kept = Optional.empty();
            return CompletableFuture.completedStage(null);
        }
        return LogFile.open(path, opener, log).handle((opened, failure) -> {
            if (failure != null) {
                throw new RouteException(at, "The access log cannot be opened: " + reason(failure));
            }
            if (closed) {
                closing.accept(opened.release());
            } else {
                file = opened;
            }
            return null;
        });
    }

    private static String reason(Throwable failure) {
        return String.valueOf((failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause() : failure).getMessage());
    }

    @Override
    public void close() {
        closed = true;
        kept.or(this::file).ifPresent(held -> closing.accept(held.release()));
        kept = Optional.empty();
    }

    @Override
    public boolean readsResponse() {
        return readsResponse;
    }

    @Override
    public void done(Exchange exchange, boolean complete) {
        if (condition.isEmpty() || condition.get().test(exchange)) {
            file.write(exchange, format, rotation);
        }
    }
}
