// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/** The languages that all have to behave alike. */
enum Tongue {
    /** WSGI. */
    PYTHON(503, "margay_worker.py", "\"path\": \"%s\", \"module\": \"%s\"", "SyntaxError",
        "nowhere_to_be_found"),
    /** PSGI, whose servers answer 500 for an application that died. */
    PERL(500, "margay_worker.pl", "\"script\": \"%s/%s.psgi\"", "syntax error",
        "Nowhere/To/Be/Found.pm"),
    /** Rack. */
    RUBY(503, "margay_worker.rb", "\"script\": \"%s/%s.ru\"", "syntax error", "nowhere_to_be_found");

    /** What a client gets of an application that throws. */
    final int thrown;
    /** The file of the bundle that has the beginning of SERVER_SOFTWARE, in quotes. */
    final String file;
    private final String members;
    /** What the log has of a file that cannot be read by the language. */
    final String syntax;
    /** What the log has of the module that does not exist. */
    final String missing;

    Tongue(int thrown, String file, String members, String syntax, String missing) {
        this.thrown = thrown;
        this.file = file;
        this.members = members;
        this.syntax = syntax;
        this.missing = missing;
    }

    /** {@return the word of the configuration} */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** {@return JSON of an application of {@code src/test/apps/languages}, with more members when given} */
    String app(TestServer server, String name, String... more) throws IOException {
        return at(server.app("languages").toString(), name, more);
    }

    /** {@return JSON of an application of a directory} */
    String at(String directory, String name, String... more) {
        StringBuilder json = new StringBuilder("{\"type\": \"" + word() + "\", "
            + members.formatted(directory, name));
        for (String member : more) {
            json.append(", ").append(member);
        }
        return json.append('}').toString();
    }

    /** {@return the file of its bundle in the distribution} */
    Path bundle() throws IOException {
        try (Stream<Path> files = Files.list(Distribution.HOME.resolve("modules"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("io.margay.lang." + word() + "-"))
                .findFirst().orElseThrow();
        }
    }
}
