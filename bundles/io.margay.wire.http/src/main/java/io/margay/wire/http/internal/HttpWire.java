// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.http.internal;

import io.margay.dispatch.Wire;
import io.margay.dispatch.WireContext;
import io.margay.dispatch.WireGeneration;
import io.margay.log.Complaints;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The wire of one application. It obeys the options {@code listen} ({@code inherit} unless set, {@code port} or
 * {@code unix}), {@code ready} and {@code concurrency}, which languages that use it may have.
 */
final class HttpWire implements Wire {

    private static final int MOST_CONCURRENCY = 10_000;

    private final WireContext context;
    private final Path directory;
    private final List<HeadEncoder> heads = new ArrayList<>();
    private final Complaints complaints;

    HttpWire(WireContext context, Path directory) {
        this.context = context;
        this.directory = directory;
        complaints = new Complaints(context.log()::alert);
        for (int i = 0; i < context.loops().size(); i++) {
            heads.add(new HeadEncoder(context.language().clientField()));
        }
    }

    WireContext context() {
        return context;
    }

    /** What writes requests of a loop. */
    HeadEncoder head(int loop) {
        return heads.get(loop);
    }

    /** A path that answers below 400 when a worker serves. */
    Optional<String> ready() {
        return context.app().conf().string("ready");
    }

    Place place() {
        return switch (context.app().conf().string("listen").orElse("inherit")) {
            case "port" -> Place.port();
            case "unix" -> Place.named(directory, context.app());
            default -> Place.inherited(directory);
        };
    }

    /** A few lines a second at most: a worker that answers nonsense may do so to every request. */
    void complain(String text) {
        complaints.tell("application \"" + context.app().title() + "\": " + text);
    }

    @Override
    public Flow flow() {
        return Flow.PUSH;
    }

    @Override
    public int contexts() {
        return Math.max(1, Math.min(context.language().concurrency(context.app()), MOST_CONCURRENCY));
    }

    @Override
    public WireGeneration open() {
        return new HttpGeneration(this);
    }
}
