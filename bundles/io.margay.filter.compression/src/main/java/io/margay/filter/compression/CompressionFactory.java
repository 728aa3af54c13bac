// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.compression;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfObject;
import io.margay.route.Filter;
import io.margay.route.FilterFactory;
import io.margay.route.PlanContext;
import io.margay.route.RouteCompiler;
import io.margay.route.TextMatch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/** The option {@code settings.http.compression} (spec/routing.md §8, spec/configuration.md §12.4). */
@Component
public final class CompressionFactory implements FilterFactory {
    private static final String OPTION = "compression";
    private static final String COMPRESSORS = "compressors";
    /** Behind the changes of fields by the configuration: those tell the type and the length of what is coded. */
    private static final int ORDER = 1000;
    private static final long BUDGET = 256L << 20;

    private final Budget budget = new Budget(BUDGET);
    private final Recoder recoder = new Recoder();

    /** Creates the service. */
    @Activate
    public CompressionFactory() {
    }

    /** Waits for the thread of the service. */
    @Deactivate
    public void close() {
        recoder.close();
    }

    @Override
    public String option() {
        return OPTION;
    }

    @Override
    public Scope scope() {
        return Scope.SERVER;
    }

    @Override
    public int order() {
        return ORDER;
    }

    @Override
    public Filter compile(Conf value, RouteCompiler compiler) {
        PlanContext here = compiler.child(OPTION);
        if (!(value instanceof ConfObject object)) {
            throw here.error("", "The \"compression\" value must be an object.");
        }
        Optional<TextMatch> types = object.get("types").filter(v -> !(v instanceof ConfNull))
            .map(patterns -> here.patterns("types", patterns));
        Deflaters deflaters = new Deflaters();
        here.own(deflaters);
        return new CompressionFilter(compressors(object.get(COMPRESSORS).orElse(ConfNull.NULL), here), types,
            new CompressionFilter.Tools(deflaters, budget, recoder));
    }

    private static List<Compressor> compressors(Conf value, PlanContext here) {
        List<Compressor> all = new ArrayList<>();
        PlanContext array = here.child(COMPRESSORS);
        switch (value) {
            case ConfNull nothing -> { }
            case ConfObject single -> one(single, array).ifPresent(all::add);
            case ConfArray elements -> {
                for (int i = 0; i < elements.size(); i++) {
                    if (!(elements.elements().get(i) instanceof ConfObject element)) {
                        throw array.error(Integer.toString(i),
                            "The \"compressors\" array must contain only object values.");
                    }
                    one(element, array.child(Integer.toString(i))).ifPresent(all::add);
                }
            }
            default -> throw here.error(COMPRESSORS, "The \"compressors\" value must be an array or an object.");
        }
        return all;
    }

    /** Empty for {@code identity}, which has no effect. */
    private static Optional<Compressor> one(ConfObject object, PlanContext here) {
        String name = object.string("encoding").orElseThrow(() ->
            here.error("", "Required parameter \"encoding\" is missing."));
        if (name.equals("identity")) {
            return Optional.empty();
        }
        Coding coding = Coding.of(name).orElseThrow(() -> unsupported(name, here));
        load(coding, here);
        long level = number(object, "level", coding.usual());
        if (!coding.hasLevel(level)) {
            here.log().notice("Overriding invalid compression level for [" + name + "] [" + level + "] -> ["
                + coding.usual() + "]");
            level = coding.usual();
        }
        Compressor compressor = new Compressor(coding, (int) level, number(object, "min_length", -1));
        if (compressor.isSlow()) {
            here.log().info("compression with [" + name + "] [" + level + "] is for small files; what is coded while "
                + "it is sent gets [" + compressor.liveLevel() + "]");
        }
        return Optional.of(compressor);
    }

    private static long number(ConfObject object, String name, long absent) {
        return object.get(name).filter(v -> !(v instanceof ConfNull)).map(v -> object.integer(name, absent))
            .orElse(absent);
    }

    private static RuntimeException unsupported(String name, PlanContext here) {
        return here.error("encoding", "\"" + name + "\" is not a supported compressor.");
    }

    private static void load(Coding coding, PlanContext here) {
        try {
            switch (coding) {
                case BR -> NativeLibrary.BROTLI.load();
                case ZSTD -> NativeLibrary.ZSTD.load();
                default -> { }
            }
        } catch (IOException e) {
            here.log().error("the library for the encoding \"" + coding.text() + "\" cannot be loaded: "
                + e.getMessage());
            throw unsupported(coding.text().toString(), here);
        }
    }
}
