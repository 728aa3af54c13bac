// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import io.margay.action.returns.ReturnActionFactory;
import io.margay.action.share.ShareActionFactory;
import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfEdit;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.filter.headers.HeaderFilterFactory;
import io.margay.log.ErrorLog;
import io.margay.route.Extensions;
import io.margay.route.RouteException;
import io.margay.route.RoutePlan;
import io.margay.route.SectionContext;
import io.margay.route.TargetFactory;
import io.margay.route.Targets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Every configuration is accepted, or refused with a text and a place that exists in it; what is accepted can be
 * compiled to routes, or that says why not. Configurations are made by the schemas or taken from the examples of the
 * tests, then bent.
 */
public final class ValidatorFuzz {
    private static final Path BUNDLES = Path.of("../bundles");
    private static final Schema SCHEMA = schema();
    private static final Extensions.Origin ORIGIN = new Extensions.Origin(1, "fuzz");
    private static final Extensions EXTENSIONS = Extensions.builder()
        .add(new ReturnActionFactory(), ORIGIN).add(new ShareActionFactory(), ORIGIN)
        .add(new HeaderFilterFactory(), ORIGIN)
        .add(new Applications(), ORIGIN).host("/applications").host("/settings/listen_threads")
        .host("/listeners/*/backlog").host("/listeners/*/tls").build();
    private static final List<Conf> GOOD = examples();

    private ValidatorFuzz() {
    }

    /** Called by the fuzzer for each input. */
    public static void fuzzerTestOneInput(FuzzedDataProvider data) {
        Grammar grammar = new Grammar(SCHEMA, data);
        int bends = data.consumeInt(0, 3);
        int example = data.consumeInt(0, 2 * GOOD.size());
        Conf conf = example < GOOD.size() ? GOOD.get(example) : grammar.configuration();
        for (int i = 0; i < bends; i++) {
            conf = bend(conf, grammar, data);
        }
        Facts facts = Facts.of(type -> !type.startsWith("wasm"));
        Optional<Problem> problem = SCHEMA.validate(conf, facts);
        if (problem.isPresent()) {
            boolean placed = problem.get().path().resolve(conf).isPresent();
            boolean hinted = problem.get().suggestion().map(hint -> !hint.isEmpty()).orElse(true);
            if (!placed || !hinted || problem.get().detail().isBlank()) {
                throw new IllegalStateException("a bad problem: " + problem.get());
            }
        } else {
            compile((ConfObject) conf);
        }
        if (!SCHEMA.validate(parse(ConfWriter.compact(conf)), facts).equals(problem)) {
            throw new IllegalStateException("another problem when it is read again");
        }
    }

    private static void compile(ConfObject conf) {
        try {
            RoutePlan.compile(conf, EXTENSIONS, Optional.empty(), ErrorLog.standardError()).close();
        } catch (RouteException e) {
            if (e.getMessage().isBlank() || ConfPointer.parse(e.pointer()).resolve(conf).isEmpty()) {
                throw new IllegalStateException("a bad place: " + e.pointer(), e);
            }
        }
    }

    private static Conf bend(Conf conf, Grammar grammar, FuzzedDataProvider data) {
        List<ConfPointer> places = new ArrayList<>();
        collect(conf, ConfPointer.ROOT, places);
        ConfPointer place = places.get(data.consumeInt(0, places.size() - 1));
        if (data.consumeInt(0, 3) == 0 && !place.segments().isEmpty()) {
            return ConfEdit.delete(conf, place.segments()).root();
        }
        Conf value = data.consumeBoolean() ? grammar.anything()
            : places.get(data.consumeInt(0, places.size() - 1)).resolve(conf).orElseThrow();
        ConfPointer target = data.consumeInt(0, 3) == 0 ? place.child(data.consumeString(6)) : place;
        return ConfEdit.put(conf, target.segments(), value).root();
    }

    private static void collect(Conf conf, ConfPointer at, List<ConfPointer> places) {
        places.add(at);
        if (conf instanceof ConfObject object) {
            object.members().forEach((name, value) -> collect(value, at.child(name), places));
        } else if (conf instanceof ConfArray array) {
            for (int i = 0; i < array.size(); i++) {
                collect(array.elements().get(i), at.child(i), places);
            }
        }
    }

    private static Schema schema() {
        SchemaRegistry registry = new SchemaRegistry();
        try (Stream<Path> files = Files.walk(BUNDLES, 8)) {
            // The files of process types are in a folder below.
            for (Path file : files.filter(f -> f.getParent().endsWith("src/main/resources/OSGI-INF/margay")
                && f.toString().endsWith(".json")).sorted().toList()) {
                registry.put(file.toString(), Files.readAllBytes(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return registry.current();
    }

    private static List<Conf> examples() {
        Path tables = BUNDLES.resolve("io.margay.schema/src/test/resources/io/margay/schema");
        List<Conf> examples = new ArrayList<>();
        try {
            for (String table : List.of("accepted.txt", "refused.txt")) {
                Files.readAllLines(tables.resolve(table)).stream().filter(line -> line.startsWith("{"))
                    .forEach(line -> examples.add(parse(line.getBytes(StandardCharsets.UTF_8))));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return examples;
    }

    private static Conf parse(byte[] text) {
        try {
            return ConfParser.parse(text);
        } catch (ConfSyntaxException e) {
            throw new IllegalStateException(e.detail(), e);
        }
    }

    /** Every application is there, but answers nothing. */
    private static final class Applications implements TargetFactory {
        @Override
        public String kind() {
            return "applications";
        }

        @Override
        public Targets compile(SectionContext context) {
            return (name, target) -> Optional.of(exchange -> exchange.fail(503));
        }
    }
}
