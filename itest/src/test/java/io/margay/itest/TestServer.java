// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A running server of the real distribution, in the foreground, with everything it writes below one temporary
 * directory. {@link #close} stops it and fails when it left something or logged what no healthy server logs.
 */
final class TestServer implements AutoCloseable {
    /** What a log must not hold: alerts, stack traces, warnings of the JVM. */
    private static final Pattern PREPARATION = Pattern.compile("\0preparation\0|^unit: start of preparation|"
        + "\0-XX:(AOTMode=|ArchiveClassesAtExit=)");
    private static final Pattern UNHEALTHY = Pattern.compile(
        "(?m)^.*(\\[alert\\]|^\\s+at [\\w.$/]+\\(|Exception in thread|^WARNING: |^OpenJDK .* warning: ).*$");

    private final Path base;
    private final List<String> command;
    private final Map<String, String> environment;
    private Process process;
    private final List<Pattern> expected = new ArrayList<>();

    private TestServer(Path base, List<String> command, Map<String, String> environment) {
        this.base = base;
        this.command = command;
        this.environment = environment;
    }

    /** {@return a server that answers on its control socket} */
    static TestServer start(String... options) throws IOException {
        return start(Map.of(), options);
    }

    /**
     * Starts a server.
     *
     * @param environment added to that of the test
     * @param options added to those that name the files
     */
    static TestServer start(Map<String, String> environment, String... options) throws IOException {
        return start(directory(), environment, options);
    }

    /** Starts a server in a directory made by {@link #directory}. */
    static TestServer start(Path base, Map<String, String> environment, String... options) throws IOException {
        TestServer server = new TestServer(base, command(base, options), environment);
        server.launch();
        return server;
    }

    /**
     * Starts a server that knows a few languages only, so that it need not look for the programs of all others.
     *
     * @param languages as the names of their bundles end
     */
    static TestServer speaking(String... languages) throws IOException {
        return speaking(List.of(), languages);
    }

    /** The same with options. */
    static TestServer speaking(List<String> options, String... languages) throws IOException {
        return speaking(directory(), options, languages);
    }

    /** The same in a directory made by {@link #directory}. */
    static TestServer speaking(Path base, List<String> options, String... languages) throws IOException {
        return speaking(base, Map.of(), options, languages);
    }

    /** The same with variables for its environment. */
    static TestServer speaking(Path base, Map<String, String> environment, List<String> options, String... languages)
            throws IOException {
        Path modules = Files.createDirectory(base.resolve("modules"));
        for (String language : languages) {
            Path bundle = JarCopy.original("modules", "io.margay.lang." + language);
            Files.copy(bundle, modules.resolve(bundle.getFileName()));
        }
        List<String> all = new ArrayList<>(options);
        all.addAll(List.of("--modulesdir", modules.toString()));
        return start(base, environment, all.toArray(String[]::new));
    }

    /** Starts a server with a modules directory of its own, which lets go of what is replaced as soon as it is idle. */
    static TestServer replacing(Path base, Path modules) throws IOException {
        Path policy = base.resolve("policy.json");
        Files.writeString(policy, "{\"default\": \"allow\", \"rules\": [{\"who\": \"any\", \"methods\": [\"GET\"], "
            + "\"paths\": [\"/status\"]}], \"modules\": {\"rollback_time\": 0}}");
        Files.setPosixFilePermissions(policy, PosixFilePermissions.fromString("rw-r--r--"));
        return start(base, Map.of(), "--modulesdir", modules.toString(), "--control-policy", policy.toString());
    }

    private static List<String> command(Path base, String... options) {
        List<String> command = new ArrayList<>(List.of(Distribution.unitd(), "--no-daemon",
            "--control", "unix:" + base.resolve("control.sock"), "--pid", base.resolve("unit.pid").toString(),
            "--log", base.resolve("unit.log").toString(), "--statedir", base.resolve("state").toString(),
            "--tmpdir", base.resolve("tmp").toString()));
        command.addAll(List.of(options));
        return command;
    }

    /**
     * Starts a server through a program that runs it.
     *
     * @param wrapper that program with its options; whoever it runs as may write below the directory
     */
    static TestServer through(List<String> wrapper, String... options) throws IOException {
        Path base = directory();
        Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.setPosixFilePermissions(base.resolve("state"), PosixFilePermissions.fromString("rwxrwxrwx"));
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(command(base, options));
        TestServer server = new TestServer(base, command, Map.of());
        server.launch();
        return server;
    }

    /** Starts the server again with the same command and files, after it ended by itself or was killed. */
    void restart() throws IOException {
        restart(Await.PATIENCE);
    }

    /** The same of one that may take its time. */
    void restart(Duration patience) throws IOException {
        // Processes of a server that was killed outlive it by a moment, and would be asked in place of the new ones.
        Await.until("the old server is gone", () -> !process.isAlive() && !listens());
        launch(patience);
    }

    private boolean listens() {
        try {
            SocketChannel.open(UnixDomainSocketAddress.of(base.resolve("control.sock"))).close();
            return true;
        } catch (IOException e) {
            // Refused, or there is no such file any more.
            return false;
        }
    }

    private void launch() throws IOException {
        launch(Await.PATIENCE);
    }

    private void launch(Duration patience) throws IOException {
        ClassArchives.give(base.resolve("state"));
        ProcessBuilder builder = new ProcessBuilder(command).directory(base.toFile())
            .redirectInput(Path.of("/dev/null").toFile()).redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(base.resolve("output").toFile()));
        builder.environment().putAll(environment);
        process = builder.start();
        try {
            Await.until("the control socket answers", patience, this::answers);
        } catch (AssertionError e) {
            AssertionError failure = new AssertionError(e.getMessage() + "\n" + written(), e);
            kill();
            throw failure;
        }
    }

    /** {@return a new directory that every account may read, for applications that run as another one} */
    static Path directory() throws IOException {
        Path base = Files.createTempDirectory("margay-it-");
        Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectory(base.resolve("state"));
        Path tmp = Files.createDirectory(base.resolve("tmp"));
        Files.setPosixFilePermissions(tmp, PosixFilePermissions.fromString("rwxrwxrwx"));
        return base;
    }

    private boolean answers() throws IOException {
        if (!process.isAlive()) {
            throw new AssertionError("the server ended with code " + process.exitValue());
        }
        if (!Files.exists(base.resolve("control.sock"))) {
            return false;
        }
        try {
            return control().get("/").status() == 200;
        } catch (IOException e) {
            // Not there yet; or the processes of a server that was killed have answered their last.
            return false;
        }
    }

    /** {@return a directory of {@code src/test/apps}, copied to where every account may read it} */
    Path app(String name) throws IOException {
        Path target = base.resolve("apps").resolve(name);
        if (!Files.exists(target)) {
            Files.createDirectories(target);
            try (Stream<Path> files = Files.list(Path.of(System.getProperty("margay.apps"), name))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Files.copy(file, target.resolve(file.getFileName()));
                }
            }
        }
        return target;
    }

    /** {@return JSON of a Python application of {@code src/test/apps}, with more members when given} */
    String python(String directory, String module, String... members) throws IOException {
        StringBuilder json = new StringBuilder("{\"type\": \"python\", \"path\": \"" + app(directory)
            + "\", \"module\": \"" + module + "\"");
        for (String member : members) {
            json.append(", ").append(member);
        }
        return json.append('}').toString();
    }

    Control control() {
        return new Control(base.resolve("control.sock"));
    }

    Path base() {
        return base;
    }

    /** {@return the process id of main} */
    long pid() {
        return process.pid();
    }

    /** {@return the log so far} */
    String log() throws IOException {
        Path log = base.resolve("unit.log");
        return Files.exists(log) ? Files.readString(log) : "";
    }

    /** {@return the first match in the log, which is waited for} */
    Matcher awaitLog(String expression) {
        return awaitLog(0, expression);
    }

    /** {@return the first match in what the log has behind so many characters, which is waited for} */
    Matcher awaitLog(int before, String expression) {
        Pattern pattern = Pattern.compile(expression);
        return Await.value("the log matches " + expression, Await.PATIENCE, () -> {
            Matcher matcher = pattern.matcher(log().substring(before));
            return matcher.find() ? Optional.of(matcher) : Optional.empty();
        });
    }

    /** Allows lines of the log that would fail {@link #close}. */
    void expect(String expression) {
        expected.add(Pattern.compile(expression));
    }

    /** {@return the titles of main and all processes below it, by process id} */
    Map<Long, String> processes() {
        Map<Long, String> titles = new TreeMap<>();
        Stream.concat(Stream.of(process.toHandle()), process.descendants())
            .forEach(handle -> titles.put(handle.pid(), title(handle.pid())));
        titles.values().removeIf(String::isEmpty);
        return titles;
    }

    /** {@return of the processes with a title the one that was started last, 0 if there is none} */
    long newest(String title) {
        // Numbers begin anew at some time.
        return processes().entrySet().stream().filter(entry -> entry.getValue().equals(title)).map(Map.Entry::getKey)
            .max(Comparator.comparing(pid -> ProcessHandle.of(pid).flatMap(handle -> handle.info().startInstant())
                .orElse(Instant.EPOCH))).orElse(0L);
    }

    /** {@return the process whose title starts so, which is waited for} */
    long await(String title) {
        return Await.value("a process \"" + title + "\"", Await.PATIENCE, () -> processes().entrySet().stream()
            .filter(entry -> entry.getValue().startsWith(title)).map(Map.Entry::getKey).findFirst());
    }

    /** {@return the number of open descriptors of a process} */
    static int descriptors(long pid) throws IOException {
        try (Stream<Path> entries = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return (int) entries.count();
        }
    }

    /** What main prepares in the background is nothing that a test would wait for. */
    private static String title(long pid) {
        try {
            String line = Files.readString(Path.of("/proc/" + pid + "/cmdline"));
            return PREPARATION.matcher(line).find() ? "" : line.split("\0", 2)[0];
        } catch (IOException e) {
            // It ended meanwhile.
            return "";
        }
    }

    /** What main prepares in the background has the lowest priority; lifts that, where whoever tests may. */
    void hastenPreparations() throws IOException, InterruptedException {
        for (ProcessHandle handle : process.descendants().toList()) {
            if (title(handle.pid()).isEmpty()) {
                new ProcessBuilder("renice", "-n", "0", "-p", Long.toString(handle.pid()))
                    .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
            }
        }
    }

    /** Sends a signal. */
    static void signal(long pid, String name) throws IOException, InterruptedException {
        if (pid <= 1) {
            // That would be everything there is, the tests themselves and whoever has started them.
            throw new IllegalArgumentException("no process has the number " + pid);
        }
        new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
    }

    @Override
    public void close() throws IOException {
        if (!Files.exists(base)) {
            // It did not start again, which has failed a test, and nothing of it is there.
            return;
        }
        List<ProcessHandle> all = process.descendants().toList();
        try {
            // That is SIGTERM; no effect when it is gone already.
            process.destroy();
            check(all);
            ClassArchives.keep(base.resolve("state"));
        } finally {
            all.forEach(ProcessHandle::destroyForcibly);
            kill();
        }
    }

    private void check(List<ProcessHandle> children) throws IOException {
        try {
            Await.until("the server stops", () -> !process.isAlive());
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "\n" + written(), e);
        }
        try {
            Await.until("no process is left", Duration.ofSeconds(5),
                () -> children.stream().noneMatch(ProcessHandle::isAlive));
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + ": " + children.stream().filter(ProcessHandle::isAlive)
                .map(child -> child.pid() + " " + title(child.pid())).toList() + "\n" + written(), e);
        }
        if (process.exitValue() != 0) {
            throw new AssertionError("the server ended with code " + process.exitValue() + "\n" + written());
        }
        for (String left : new String[] {"control.sock", "unit.pid"}) {
            if (Files.exists(base.resolve(left))) {
                throw new AssertionError(left + " is left\n" + written());
            }
        }
        Matcher matcher = UNHEALTHY.matcher(written());
        while (matcher.find()) {
            String line = matcher.group();
            if (expected.stream().noneMatch(pattern -> pattern.matcher(line).find())) {
                throw new AssertionError("the log holds: " + line + "\n" + written());
            }
        }
    }

    /** {@return all that the server printed and logged} */
    private String written() throws IOException {
        return Files.readString(base.resolve("output")) + log();
    }

    private void kill() throws IOException {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        delete(base);
    }

    /** Removes what {@link #directory} made, with all below it. */
    static void delete(Path base) throws IOException {
        try (Stream<Path> files = Files.walk(base)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
