// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfBoolean;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.posix.Files;
import io.margay.route.Action;
import io.margay.route.ActionFactory;
import io.margay.route.OptionObject;
import io.margay.route.RouteCompiler;
import io.margay.route.Template;
import io.margay.route.TextMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/** The action {@code share}: static files (spec/routing.md §7). */
@Component
public final class ShareActionFactory implements ActionFactory {
    private static final long CACHE_BYTES = 16L << 20;
    private static final int THREADS = 2;
    private static final int WAITING = 128;
    private static final long IDLE_SECONDS = 5;
    private static final Set<String> OPTIONS =
        Set.of("share", "index", "types", "fallback", "chroot", "follow_symlinks", "traverse_mounts",
            "precompressed", "listing");

    /** One for all actions and configurations of this process. */
    private final FileCache cache;
    private final Executor readers;
    private MimeTypes last = MimeTypes.with(Map.of());

    /** Creates the service. */
    @Activate
    public ShareActionFactory() {
        this(new FileCache(CACHE_BYTES, System::nanoTime, () -> System.currentTimeMillis() / 1000), readers());
    }

    /** One with another cache and other threads. */
    ShareActionFactory(FileCache cache, Executor readers) {
        this.cache = cache;
        this.readers = readers;
    }

    /** Threads that read directories; they exist only while there is work. What finds no room is refused. */
    private static ThreadPoolExecutor readers() {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(THREADS, THREADS, IDLE_SECONDS, TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING), Thread.ofPlatform().daemon().name("listing").factory());
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Ends the threads; configurations have ended before. */
    @Deactivate
    public void deactivate() {
        if (readers instanceof ThreadPoolExecutor pool) {
            pool.shutdownNow();
        }
    }

    @Override
    public String option() {
        return "share";
    }

    @Override
    public Set<String> options() {
        return OPTIONS;
    }

    @Override
    public Set<String> reads() {
        return Set.of("/settings/http/static");
    }

    @Override
    public Action compile(ConfObject action, RouteCompiler compiler) {
        List<Template> shares = new ArrayList<>();
        for (Conf value : elements(compiler.member("share").orElseThrow())) {
            shares.add(template("share", value, compiler));
        }
        if (shares.isEmpty()) {
            throw compiler.error("share", "The \"share\" array must contain at least one element.");
        }
        String index = compiler.member("index").map(value -> string("index", value, compiler)).orElse("index.html");
        int resolve = (flag("follow_symlinks", compiler, true) ? 0 : Files.RESOLVE_NO_SYMLINKS)
            | (flag("traverse_mounts", compiler, true) ? 0 : Files.RESOLVE_NO_XDEV);
        // An empty one confines nothing.
        Optional<Template> chroot = compiler.member("chroot").filter(value -> !Conf.of("").equals(value))
            .map(value -> template("chroot", value, compiler));
        Resolver resolver = new Resolver(chroot, resolve);
        MimeTypes mimeTypes = types(compiler);
        Optional<TextMatch> types = compiler.member("types").map(v -> compiler.patterns("types", v));
        Optional<DirectoryListing> listing = compiler.member("listing").flatMap(value ->
            listing(value, compiler, types, mimeTypes, resolver));
        return new ShareAction(shares, index, types,
            compiler.member("fallback").map(value -> fallback(value, compiler)), listing, resolver, mimeTypes,
            flag("precompressed", compiler, false), cache, compiler.log());
    }

    private Optional<DirectoryListing> listing(Conf value, RouteCompiler compiler, Optional<TextMatch> types,
            MimeTypes mimeTypes, Resolver resolver) {
        Conf options = value;
        if (value instanceof ConfBoolean on) {
            if (!on.value()) {
                return Optional.empty();
            }
            options = ConfObject.EMPTY;
        } else if (!(value instanceof ConfObject)) {
            throw compiler.error("listing", "The \"listing\" value must be a boolean or an object.");
        }
        OptionObject object = OptionObject.of("listing", options, Set.of("format", "hidden"),
            compiler.child("listing"));
        boolean json = object.word("format", List.of("html", "json")).orElse("html").equals("json");
        return Optional.of(new DirectoryListing(json ? ListingFormat.JSON : ListingFormat.HTML,
            object.flag("hidden", false), types, mimeTypes, resolver, readers, compiler.log()));
    }

    private static List<Conf> elements(Conf value) {
        return value instanceof ConfArray array ? array.elements() : List.of(value);
    }

    private static String string(String option, Conf value, RouteCompiler compiler) {
        if (value instanceof ConfString string) {
            return string.value();
        }
        throw compiler.error(option, "The \"" + option + "\" value must be a string.");
    }

    private static Template template(String option, Conf value, RouteCompiler compiler) {
        return compiler.template(option, string(option, value, compiler));
    }

    private static boolean flag(String option, RouteCompiler compiler, boolean absent) {
        Optional<Conf> value = compiler.member(option);
        if (value.isPresent() && !(value.get() instanceof ConfBoolean)) {
            throw compiler.error(option, "The \"" + option + "\" value must be a boolean.");
        }
        return value.map(flag -> ((ConfBoolean) flag).value()).orElse(absent);
    }

    private static Action fallback(Conf value, RouteCompiler compiler) {
        if (value instanceof ConfObject object) {
            return compiler.action("fallback", object);
        }
        throw compiler.error("fallback", "The \"fallback\" value must be an object.");
    }

    /** The types of the last configuration if they are the same: cached responses were made with them. */
    private synchronized MimeTypes types(RouteCompiler compiler) {
        MimeTypes types = MimeTypes.of(compiler, "share");
        if (!types.equals(last)) {
            last = types;
        }
        return last;
    }
}
