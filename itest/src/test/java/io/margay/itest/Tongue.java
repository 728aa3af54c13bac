// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** The languages that all have to behave alike; what differs by the nature of one is said here, with the reason. */
enum Tongue {
    /** WSGI. */
    PYTHON(503, "margay_worker.py", "\"path\": \"%s\", \"module\": \"%s\"", "app", "SyntaxError",
        "nowhere_to_be_found"),
    /** ASGI. */
    ASGI(503, "", "\"path\": \"%s\", \"module\": \"%s\", \"protocol\": \"asgi\"", "asgi",
        "SyntaxError", "nowhere_to_be_found"),
    /** PSGI, whose servers answer 500 for an application that died. */
    PERL(500, "margay_worker.pl", "\"script\": \"%s/%s.psgi\"", "app", "syntax error",
        "Nowhere/To/Be/Found.pm"),
    /** Rack. */
    RUBY(503, "margay_worker.rb", "\"script\": \"%s/%s.ru\"", "app", "syntax error", "nowhere_to_be_found"),
    /** PHP by php-fpm, which reads a script at each request and serves one at a time. */
    PHP(500, "margay_fpm.conf", "\"root\": \"%s\", \"script\": \"%s.php\"", "app", "", ""),
    /** Resident workers of PHP, which serve one request at a time. */
    PHP_WORKER(500, "", "\"root\": \"%s\", \"worker\": \"%s.php\"", "worker", "", ""),
    /** A program in C, by the protocol of the library. */
    EXTERNAL(503, "", "\"executable\": \"%s/%s\"", "app", "Exec format error", "No such file or directory"),
    /** Node, whose script is a server of its own and dies of an exception. */
    NODE(503, "margay_preload.js", "\"script\": \"%s/%s.js\"", "app", "", ""),
    /** Servlets, whose container answers 500 for one that throws, and that start with a JVM; that compiles less. */
    JAVA(500, "", "\"webapp\": \"%s\", \"options\": [\"-XX:TieredStopAtLevel=1\"]", "", "", ""),
    /** A server in Python on the socket that it inherits; it dies of an exception. */
    HTTP(503, "", "\"executable\": \"/usr/bin/python3\", \"arguments\": [\"%s/%s.py\"]", "server", "SyntaxError",
        "nowhere_to_be_found"),
    /** A module, which reads the number of its process from a file, and cannot end it. */
    WASM(500, "", "\"module\": \"%s/%s.wasm\", \"request_handler\": \"request_handler\", "
        + "\"malloc_handler\": \"malloc_handler\", \"free_handler\": \"free_handler\", "
        + "\"module_init_handler\": \"module_init_handler\", \"request_init_handler\": \"request_init_handler\", "
        + "\"access\": {\"filesystem\": [\"/proc/self\"]}", "app", "", ""),
    /** A component of the same module, which is run by Node. */
    COMPONENT(503, "", "\"component\": \"%s/%s.wasm\", \"access\": {\"filesystem\": [\"/proc/self\"]}", "component", "",
        "");

    /** What a client gets of an application that throws. */
    final int thrown;
    /** The file of the bundle that has the beginning of SERVER_SOFTWARE, in quotes; empty if there is none. */
    final String file;
    /** What the log has of a file that cannot be read by the language. */
    final String syntax;
    /** What the log has of the module that does not exist. */
    final String missing;
    private final String members;
    private final String app;

    Tongue(int thrown, String file, String members, String app, String syntax, String missing) {
        this.thrown = thrown;
        this.file = file;
        this.members = members;
        this.app = app;
        this.syntax = syntax;
        this.missing = missing;
    }

    /** {@return the word for applications and files} */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** {@return the word of the configuration} */
    String type() {
        return switch (this) {
            case ASGI -> PYTHON.word();
            case PHP_WORKER -> PHP.word();
            case COMPONENT -> "wasm-wasi-component";
            default -> word();
        };
    }

    /** {@return those that the distribution has: components come with packages of npm only} */
    static Set<Tongue> all() {
        return those(tongue -> tongue != COMPONENT || ComponentApps.areHere());
    }

    /** {@return each language with each value} */
    static Stream<Arguments> each(Object... values) {
        return each(all(), values);
    }

    /** {@return each of some languages with each value} */
    static Stream<Arguments> each(Set<Tongue> tongues, Object... values) {
        return tongues.stream().flatMap(tongue -> Arrays.stream(values).map(value -> Arguments.of(tongue, value)));
    }

    private static Set<Tongue> those(Predicate<Tongue> condition) {
        return EnumSet.copyOf(Arrays.stream(values()).filter(condition).toList());
    }

    /** {@return those whose applications run within a worker of ours, and so can do anything to it} */
    static Set<Tongue> loading() {
        return those(Tongue::loads);
    }

    /** {@return those whose applications can end their process by a code} */
    static Set<Tongue> exiting() {
        return those(tongue -> tongue.loads() || EnumSet.of(NODE, JAVA, HTTP).contains(tongue));
    }

    /** {@return those whose workers are forked by a runtime of ours, so that no other program has their sockets} */
    static Set<Tongue> forking() {
        return EnumSet.of(PYTHON, ASGI, PERL, RUBY, PHP_WORKER);
    }

    /** {@return one for each way to its processes} */
    static Set<Tongue> eachWire() {
        return EnumSet.of(PYTHON, PHP, EXTERNAL, HTTP);
    }

    /** {@return those that run any file as an application; the others have tests of their own for what they refuse} */
    static Set<Tongue> starting() {
        return those(tongue -> tongue.loads() || tongue == HTTP);
    }

    /** {@return those whose processes serve several requests at a time when they are told} */
    static Set<Tongue> threading() {
        return those(tongue -> tongue.loads() || tongue == JAVA);
    }

    /** {@return whether its workers load the application when they start, and speak with the router themselves} */
    boolean loads() {
        return EnumSet.of(PYTHON, ASGI, PERL, RUBY, EXTERNAL).contains(this);
    }

    /** {@return the status for a head of twelve megabytes} */
    int tooLong() {
        return switch (this) {
            // The library has no room for it in shared memory.
            case EXTERNAL -> 503;
            // Jetty has a limit of its own, and so has the block of a module's fields.
            case JAVA, WASM -> 500;
            default -> 502;
        };
    }

    /** {@return the status for an answer whose status is none} */
    int wrong(String how) {
        return switch (this) {
            // The wire reads it, while other servers for their language notice by themselves.
            case HTTP -> 502;
            // Jetty refuses to set it, which is an exception of the application; the interface of modules, too.
            case JAVA, WASM -> 500;
            // The interpreter takes 0 for a status that was not set.
            case PHP_WORKER -> how.equals("status?0") ? 200 : 503;
            // No answer is an empty one by the rules of Unit for ASGI.
            case ASGI -> how.equals("nothing") ? 200 : 503;
            default -> 503;
        };
    }

    /** {@return the status for an answer whose status is too large} */
    int noStatus() {
        // The others raise an exception or say 500 themselves.
        return this == EXTERNAL || this == COMPONENT ? 503 : 500;
    }

    /** {@return seconds in which a process has begun, and more than any other request takes} */
    int timeout() {
        // What a JVM does for the first time takes longer.
        return startsSlowly() ? 5 : 1;
    }

    /** {@return how long processes may take to start, on a machine that has more to do} */
    Duration patience() {
        return startsSlowly() ? Await.PATIENCE.multipliedBy(2) : Await.PATIENCE;
    }

    /** {@return whether its applications cannot end their process, and so ask for that} */
    boolean asksForItsEnd() {
        return this == WASM || this == COMPONENT;
    }

    /** {@return whether its processes take their time to start} */
    boolean startsSlowly() {
        // Node reads and compiles what makes JavaScript of a component.
        return startsJvm() || this == COMPONENT;
    }

    /** {@return whether each of its processes is a JVM} */
    boolean startsJvm() {
        return this == JAVA || this == WASM;
    }

    /** {@return JSON of an application of {@code src/test/apps/languages}, with more members when given} */
    String app(TestServer server, String name, String... more) throws IOException {
        Path directory = switch (this) {
            case EXTERNAL -> NativeApps.of(server);
            case JAVA -> WebApps.directory(server, "languages-java");
            default -> server.app("languages");
        };
        if (this == WASM && !Files.exists(directory.resolve("app.wasm"))) {
            NativeApps.assemble(directory.resolve("app.wat"), directory.resolve("app.wasm"));
        } else if (this == COMPONENT && !Files.exists(directory.resolve("component.wasm"))) {
            component(server, directory);
        }
        return at(directory.toString(), name, more);
    }

    private static void component(TestServer server, Path directory) throws IOException {
        ComponentApps.assemble(server, directory.resolve("component.wasm"), "languages",
            server.app("languages").resolve("app.wat"));
    }

    /** {@return the member with which a process has so many threads} */
    String threads(int count) {
        return this == EXTERNAL ? "\"arguments\": [\"" + count + "\"]" : "\"threads\": " + count;
    }

    /** {@return JSON of an application of a directory; {@code app} is the one that answers} */
    String at(String directory, String name, String... more) {
        StringBuilder json = new StringBuilder("{\"type\": \"" + type() + "\", "
            + members.formatted(directory, name.equals("app") ? app : name));
        for (String member : more) {
            json.append(", ").append(member);
        }
        return json.append('}').toString();
    }

    /** Copies the applications into the directory {@code app} of a root. */
    void into(TestServer server, Path root) throws IOException {
        Path directory = root.resolve("app");
        switch (this) {
            // Whoever runs a program in a root brings its libraries there, or has none.
            case EXTERNAL -> NativeApps.alone(server, Files.createDirectory(directory));
            case JAVA -> WebApps.copy(WebApps.directory(server, "languages-java"), directory);
            case WASM -> NativeApps.assemble(server.app("languages").resolve("app.wat"),
                Files.createDirectory(directory).resolve("app.wasm"));
            case COMPONENT -> component(server, Files.createDirectory(directory));
            default -> WebApps.copy(server.app("languages"), directory);
        }
    }

    /** {@return the file of its bundle in the distribution} */
    Path bundle() throws IOException {
        return JarCopy.original("modules", "io.margay.lang." + (this == COMPONENT ? WASM : this).type());
    }
}
