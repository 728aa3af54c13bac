// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.Conf;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.testing.SchemaFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The schema files of all bundles, read from their folders. */
final class Schemas {
    static final Facts FACTS = new Facts() {
        @Override
        public ModuleTypes modules() {
            return type -> !type.startsWith("wasm") && !type.equals("python 2") && !type.startsWith("external ");
        }

        @Override
        public boolean certificate(String name) {
            return name.startsWith("good");
        }

        @Override
        public boolean script(String name) {
            return name.startsWith("good");
        }

        @Override
        public Optional<String> scriptProblem(String template) {
            return Optional.of("No such script.");
        }
    };

    private static final Schema ALL = load().current();

    private Schemas() {
    }

    static SchemaRegistry load() {
        SchemaRegistry registry = new SchemaRegistry();
        SchemaFiles.all().forEach(registry::put);
        return registry;
    }

    static Optional<Problem> validate(String text) {
        return ALL.validate(parse(text), FACTS);
    }

    static Conf parse(String text) {
        try {
            return ConfParser.parse(text.getBytes(StandardCharsets.UTF_8));
        } catch (ConfSyntaxException e) {
            throw new IllegalArgumentException(e.detail() + " at " + e.offset() + " in " + text, e);
        }
    }

    /** The blocks of a table file, which blank lines separate; lines that begin with # are comments. */
    static Stream<List<String>> table(String name) {
        try (var in = Schemas.class.getResourceAsStream(name)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return Stream.of(text.split("\n\\s*\n"))
                .map(block -> block.lines().filter(line -> !line.startsWith("#") && !line.isBlank()).toList())
                .filter(block -> !block.isEmpty());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
