// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.php.internal;

import io.margay.conf.ConfObject;
import io.margay.lang.AppSpec;
import io.margay.lang.CgiEncoder;
import io.margay.lang.InstalledModule;
import io.margay.lang.Interpreters;
import io.margay.lang.Launch;
import io.margay.lang.RequestEncoder;
import io.margay.lang.ShimSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Resident workers: the script of the option {@code worker}, run by the command line's PHP over {@code wire.port}. */
final class PhpWorker {

    /** What the programs are called: never plain, where a version is told. */
    static final Pattern NAME = Pattern.compile("php(\\d{1,2}(\\.?\\d{1,2})?)?");

    /**
     * Reads the runtime from the descriptor that the environment names. The script itself is run from here, where
     * global variables are global. The length also makes room for the process title.
     */
    private static final String BOOTSTRAP = "$margay=[];foreach(explode(' ',getenv('MARGAY_INIT')) as $margay_word)"
        + "{[$margay_key,$margay_word]=explode('=',$margay_word,2);$margay[$margay_key]=$margay_word;}"
        + "putenv('MARGAY_INIT');eval('?>'.file_get_contents('php://fd/'.$margay['shim']));"
        + "Margay\\Prototype::begin($margay);unset($margay,$margay_key,$margay_word);"
        + "try{require Margay\\Prototype::$it->script();}"
        + "catch(Throwable $margay_error){Margay\\Prototype::$it->thrown($margay_error);}" + " ".repeat(128);
    private static final String[] PARTS = {"margay_system.php", "margay_sapi.php", "margay_context.php",
        "margay_worker.php", "margay_children.php", "margay_prototype.php", "margay_functions.php"};
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,9})([kmg]?)");
    private static final Pattern OPTION = Pattern.compile("[A-Za-z0-9_.-]+");

    private PhpWorker() {
    }

    /** Whether an application has resident workers. */
    static boolean wanted(AppSpec app) {
        return app.conf().has("worker");
    }

    /**
     * Describes the prototype of an application.
     *
     * @param places where the programs are, best first
     * @throws IllegalArgumentException when it cannot be had
     */
    static void launch(AppSpec app, InstalledModule module, List<Path> places, Launch.Builder launch) {
        PhpTargets.of(app).check();
        String program = program(module, places).orElseThrow(() -> new IllegalArgumentException(
            "the command line's PHP of version " + module.version() + " is not installed, which workers need"));
        launch.configured(app).argv(program, "-d", "opcache.enable_cli=1", "-d", "ffi.enable=1");
        ConfObject options = app.conf().object("options").orElse(ConfObject.EMPTY);
        Optional<String> file = options.string("file");
        if (file.isPresent()) {
            launch.argv("-c", file.get());
        } else {
            // What the files of the command line have is not for servers.
            launch.argv("-d", "memory_limit=128M", "-d", "display_errors=0", "-d", "log_errors=1");
        }
        values(launch, options.object("user").orElse(ConfObject.EMPTY));
        values(launch, options.object("admin").orElse(ConfObject.EMPTY));
        launch.argv("-r", BOOTSTRAP).announce("MARGAY_INIT", PhpWorker::announcement)
            .resource("shim", ShimSource.read(PhpWorker.class, PARTS))
            .resource("application", application(app, module, options));
    }

    private static void values(Launch.Builder launch, ConfObject values) {
        for (String name : values.members().keySet()) {
            if (!OPTION.matcher(name).matches()) {
                throw new IllegalArgumentException("no PHP option has the name \"" + name + "\"");
            }
            launch.argv("-d", name + "=" + FpmConfiguration.quoted(values.string(name).orElse("")));
        }
    }

    /** Words {@code name=number}, to be read without a library. */
    private static String announcement(Launch.Facts facts) {
        StringBuilder words = new StringBuilder("version=").append(facts.version())
            .append(" parent=").append(facts.mainPid());
        facts.descriptors().forEach((name, number) -> words.append(' ').append(name).append('=').append(number));
        return words.toString();
    }

    /** The options that the runtime reads as NUL-separated names and values. */
    private static byte[] application(AppSpec app, InstalledModule module, ConfObject options) {
        PhpTargets.Target target = PhpTargets.of(app).all().getFirst();
        StringBuilder pairs = new StringBuilder("title\0").append(app.title().replace('\0', ' '))
            .append("\0requests\0").append(app.maxRequests()).append("\0php\0").append(module.version())
            .append("\0root\0").append(target.root()).append("\0worker\0").append(target.script().orElseThrow());
        for (String name : List.of("stdout", "stderr")) {
            app.conf().string(name).ifPresent(value -> pairs.append('\0').append(name).append('\0').append(value));
        }
        long memory = app.conf().integer("worker_memory", 0);
        pairs.append("\0worker_memory\0").append(Math.max(0, memory));
        Set<String> fixed = options.object("admin").orElse(ConfObject.EMPTY).members().keySet();
        if (!fixed.isEmpty()) {
            pairs.append("\0admin\0").append(String.join(" ", fixed));
        }
        for (String kind : List.of("user", "admin")) {
            options.object(kind).flatMap(values -> values.string("output_buffering"))
                .ifPresent(value -> pairs.append("\0buffer\0").append(buffer(kind, value)));
        }
        return pairs.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * How much of the output is held back, as PHP reads its option: 0 is all of it, -1 nothing.
     *
     * @throws IllegalArgumentException when it is neither a switch nor a size
     */
    static long buffer(String kind, String value) {
        String text = value.strip().toLowerCase(Locale.ROOT);
        Matcher size = SIZE.matcher(text);
        if (size.matches()) {
            long bytes = Long.parseLong(size.group(1)) << 10 * " kmg".indexOf((size.group(2) + " ").charAt(0));
            // On is the number 1 for PHP.
            return bytes == 0 ? -1 : bytes == 1 ? 0 : bytes;
        }
        return switch (text) {
            case "on", "yes", "true" -> 0;
            case "", "off", "no", "false", "none" -> -1;
            default -> throw new IllegalArgumentException("\"options/" + kind + "/output_buffering\" is neither \"On\","
                + " \"Off\" nor a size: \"" + value + "\"");
        };
    }

    /** The command line's program of a version: what was found, or the one that is called like it. */
    static Optional<String> program(InstalledModule module, List<Path> places) {
        if (isCommandLine(module)) {
            return Optional.of(module.file());
        }
        String[] numbers = module.version().split("\\.");
        String version = numbers[0] + (numbers.length > 1 ? "." + numbers[1] : "");
        List<Path> all = Interpreters.find(places, NAME);
        for (String name : List.of("php" + version, "php" + version.replace(".", ""))) {
            Optional<Path> named = places.stream().map(place -> place.resolve(name)).filter(Files::isExecutable)
                .findFirst();
            if (named.isPresent()) {
                return named.map(Path::toString);
            }
        }
        // Whether it is of that version, it says itself when it is started.
        return all.stream().filter(file -> "php".equals(file.getFileName().toString())
            || file.getFileName().toString().equals("php" + numbers[0])).map(Path::toString).findFirst();
    }

    /** Whether a module is only the command line's. */
    static boolean isCommandLine(InstalledModule module) {
        return NAME.matcher(Path.of(module.file()).getFileName().toString()).matches();
    }

    static RequestEncoder encoder() {
        return new CgiEncoder(EnumSet.noneOf(CgiEncoder.Variant.class));
    }
}
