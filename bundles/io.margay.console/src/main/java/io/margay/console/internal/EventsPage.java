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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The end of the server's log, and what has come since. */
final class EventsPage implements Page {
    private static final int TAIL = 256 << 10;
    private static final int LINE = 2000;
    private static final Pattern FORM = Pattern.compile(
        "(\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?) \\[(\\w+)] (\\d+)#(\\d+) (.*)");
    /** Shown once, to who reads the file itself. */
    private static final Pattern PASSWORD = Pattern.compile("console: the password of .* is \\S+");

    private final Path log;

    EventsPage(Path log) {
        this.log = log;
    }

    @Override
    public String label() {
        return "events";
    }

    @Override
    public ConfObject data() {
        return since(-1);
    }

    /** Lines after a place: {@code after/BYTES}. */
    @Override
    public Conf detail(String question) {
        return question.matches("after/[0-9]{1,18}") ? since(Long.parseLong(question.substring("after/".length())))
            : Page.super.detail(question);
    }

    /** A place beyond the end is one of another file: that of before was moved away. */
    private ConfObject since(long place) {
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
                new String(bytes, begin, end - begin, StandardCharsets.UTF_8).lines().map(EventsPage::line)
                    .forEach(lines::add);
            }
            return ConfObject.builder().put("lines", new ConfArray(lines)).put("place", from + Math.max(begin, end))
                .put("again", place > length).build();
        } catch (IOException e) {
            return ServerControl.problem("The log \"" + log + "\" cannot be read: " + e.getMessage());
        }
    }

    private static Conf line(String whole) {
        String text = PASSWORD.matcher(whole).find() ? whole.replaceAll(" is \\S+", " is (not shown)") : whole;
        String line = text.length() > LINE ? text.substring(0, LINE) + " …" : text;
        Matcher parts = FORM.matcher(line);
        return parts.matches() ? ConfObject.builder().put("time", parts.group(1)).put("level", parts.group(2))
            .put("pid", Long.parseLong(parts.group(3))).put("text", parts.group(5)).build()
            : ConfObject.builder().put("text", line).build();
    }
}
