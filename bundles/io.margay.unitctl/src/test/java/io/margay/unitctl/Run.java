// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A call of the tool in this JVM, with its surroundings made up. */
final class Run {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Map<String, String> environment = new HashMap<>(Map.of("TERM", "xterm"));
    private String input = "";
    private String terminals = "";
    private Path home = Path.of("/nonexistent/home");
    private Path proc = Path.of("/nonexistent");

    Run input(String text) {
        input = text;
        return this;
    }

    /** Which of the streams are terminals. */
    Run terminals(String digits) {
        terminals = digits;
        return this;
    }

    Run environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    Run proc(Path directory) {
        proc = directory;
        return this;
    }

    /** The distribution. */
    Run home(Path directory) {
        home = directory;
        return this;
    }

    Io io() {
        return new Io(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8),
            terminals, environment, home, proc);
    }

    int call(String... arguments) {
        return Unitctl.execute(io(), arguments);
    }

    /** The same with a socket file as the only server. */
    int on(Path socket, String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "-s";
        all[1] = "unix:" + socket;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return call(all);
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
