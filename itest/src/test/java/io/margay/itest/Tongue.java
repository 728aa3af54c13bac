// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** The languages that all have to behave alike. */
enum Tongue {
    /** WSGI. */
    PYTHON(503, "margay_worker.py", "\"path\": \"%s\", \"module\": \"%s\"", "SyntaxError",
        "nowhere_to_be_found"),
    /** PSGI, whose servers answer 500 for an application that died. */
    PERL(500, "margay_worker.pl", "\"script\": \"%s/%s.psgi\"", "syntax error",
        "Nowhere/To/Be/Found.pm"),
    /** Rack. */
    RUBY(503, "margay_worker.rb", "\"script\": \"%s/%s.ru\"", "syntax error", "nowhere_to_be_found"),
    /** PHP by php-fpm, which reads a script at each request and serves one at a time. */
    PHP(500, "margay_fpm.conf", "\"root\": \"%s\", \"script\": \"%s.php\"", "", ""),
    /** A program in C, by the protocol of the library. */
    EXTERNAL(503, "", "\"executable\": \"%s/%s\"", "Exec format error", "No such file or directory"),
    /** Node, whose script is a server of its own and dies of an exception. */
    NODE(503, "margay_preload.js", "\"script\": \"%s/%s.js\"", "", "");

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

    /** {@return each language with each value} */
    static Stream<Arguments> each(Object... values) {
        return each(EnumSet.allOf(Tongue.class), values);
    }

    /** {@return each of some languages with each value} */
    static Stream<Arguments> each(Set<Tongue> tongues, Object... values) {
        return tongues.stream().flatMap(tongue -> Arrays.stream(values).map(value -> Arguments.of(tongue, value)));
    }

    /** {@return those whose applications run within a worker of ours, and so can do anything to it} */
    static Set<Tongue> loading() {
        return EnumSet.copyOf(Arrays.stream(values()).filter(Tongue::loads).toList());
    }

    /** {@return whether its workers load the application when they start, and speak with the router themselves} */
    boolean loads() {
        return this != PHP && this != NODE;
    }

    /** {@return JSON of an application of {@code src/test/apps/languages}, with more members when given} */
    String app(TestServer server, String name, String... more) throws IOException {
        return at((this == EXTERNAL ? NativeApps.of(server) : server.app("languages")).toString(), name, more);
    }

    /** {@return the member with which a process has so many threads} */
    String threads(int count) {
        return this == EXTERNAL ? "\"arguments\": [\"" + count + "\"]" : "\"threads\": " + count;
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

    /** Copies the applications into the directory {@code app} of a root. */
    void into(TestServer server, Path root) throws IOException {
        Path directory = Files.createDirectory(root.resolve("app"));
        try (Stream<Path> files = Files.list(server.app("languages"))) {
            for (Path file : files.toList()) {
                Files.copy(file, directory.resolve(file.getFileName()));
            }
        }
    }

    /** {@return the file of its bundle in the distribution} */
    Path bundle() throws IOException {
        return JarCopy.original("modules", "io.margay.lang." + word());
    }
}
