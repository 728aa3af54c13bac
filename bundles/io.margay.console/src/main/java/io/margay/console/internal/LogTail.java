// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.control.ServerControl;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The end of the server's log, as objects with {@code time}, {@code level}, {@code pid} and {@code text}. */
final class LogTail {
    private static final int TAIL = 256 << 10;
    private static final int LINE = 2000;
    private static final Pattern FORM = Pattern.compile(
        "(\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?) \\[(\\w+)] (\\d+)#(\\d+) (.*)");
    /** Shown once, to who reads the file itself. */
    private static final Pattern PASSWORD = Pattern.compile("console: the password of .* is \\S+");

    private final Path log;

    LogTail(Path log) {
        this.log = log;
    }

    /**
     * {@return what has come after a place, with the next {@code place}} A place beyond the end is one of another file:
     * that of before was moved away, and {@code again} is true.
     *
     * @param place of a reply before; -1 for the end of the log
     * @param wanted which lines
     */
    ConfObject since(long place, Predicate<ConfObject> wanted) {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long length = file.length();
            long from = Math.max(place < 0 || place > length ? 0 : place, length - TAIL);
            byte[] bytes = new byte[(int) (length - from)];
            file.seek(from);
            file.readFully(bytes);
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            int begin = from == 0 || from == place ? 0 : text.indexOf('\n') + 1;
            int end = text.lastIndexOf('\n') + 1;
            List<Conf> lines = new ArrayList<>();
            if (end > begin) {
                new String(bytes, begin, end - begin, StandardCharsets.UTF_8).lines().map(LogTail::line)
                    .filter(wanted).forEach(lines::add);
            }
            return ConfObject.builder().put("lines", new ConfArray(lines)).put("place", from + Math.max(begin, end))
                .put("again", place > length).build();
        } catch (IOException e) {
            return ServerControl.problem("The log \"" + log + "\" cannot be read: " + e.getMessage());
        }
    }

    /** {@return the same of the lines that name an application, the steps of its start among them, or its processes} */
    ConfObject about(String application, KernelProcesses processes, long place) {
        String quoted = '"' + application + '"';
        Set<Long> own = processes.titled(quoted);
        return since(place, line -> own.contains(line.integer("pid", -1))
            || line.string("text").orElse("").contains(quoted));
    }

    private static ConfObject line(String whole) {
        String text = PASSWORD.matcher(whole).find() ? whole.replaceAll(" is \\S+", " is (not shown)") : whole;
        String line = text.length() > LINE ? text.substring(0, LINE) + " …" : text;
        Matcher parts = FORM.matcher(line);
        return parts.matches() ? ConfObject.builder().put("time", parts.group(1)).put("level", parts.group(2))
            .put("pid", Long.parseLong(parts.group(3))).put("text", parts.group(5)).build()
            : ConfObject.builder().put("text", line).build();
    }
}
