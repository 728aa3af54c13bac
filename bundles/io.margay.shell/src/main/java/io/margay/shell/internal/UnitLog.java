// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** {@code unit:log}: Shows the end of the log, of one level and worse if it is named. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=unit", "osgi.command.function=log"})
public final class UnitLog extends ShellCommand {
    private static final List<String> LEVELS = List.of("alert", "error", "warn", "notice", "info", "debug");
    private static final int LINES = 20;
    private static final int MOST_LINES = 10_000;
    private static final int MOST_BYTES = 512 << 10;

    /** Declares it. */
    public UnitLog() {
        super("unit:log", "[LINES] [LEVEL]", "Shows the end of the log, of one level and worse if it is named.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        int lines = call.number(0, LINES, MOST_LINES);
        int worst = LEVELS.indexOf(call.optional(1).orElse("debug"));
        if (worst < 0) {
            throw new ShellException(ShellException.USAGE, "\"" + call.word(1) + "\" is none of "
                + String.join(", ", LEVELS));
        }
        ArrayDeque<String> last = new ArrayDeque<>();
        new String(end(call), StandardCharsets.UTF_8).lines().filter(line -> level(line) <= worst).forEach(line -> {
            last.add(line);
            if (last.size() > lines) {
                last.remove();
            }
        });
        return String.join("\n", last);
    }

    /** A line without a level belongs to the one before; nobody misses it here. */
    private static int level(String line) {
        int begin = line.indexOf('[');
        int end = line.indexOf(']', begin + 1);
        int level = begin < 0 || end < 0 ? -1 : LEVELS.indexOf(line.substring(begin + 1, end));
        return level < 0 ? LEVELS.size() - 1 : level;
    }

    private static byte[] end(ShellCall call) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(call.server().log().toFile(), "r")) {
            file.seek(Math.max(0, file.length() - MOST_BYTES));
            byte[] bytes = new byte[(int) Math.min(MOST_BYTES, file.length() - file.getFilePointer())];
            file.readFully(bytes);
            return bytes;
        }
    }
}
