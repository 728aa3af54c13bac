// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * What the tool reads, writes and finds around it.
 *
 * @param terminals which of the streams are a terminal: {@code 0} input, {@code 1} output, {@code 2} errors
 * @param environment variables
 * @param home the distribution
 * @param proc where the kernel shows processes
 */
record Io(InputStream in, PrintStream out, PrintStream err, String terminals, Map<String, String> environment,
    Path home, Path proc) {

    /** {@return those of this process; the start script found out what is a terminal} */
    static Io ofProcess() {
        return new Io(new BufferedInputStream(new FileInputStream(FileDescriptor.in)), stream(FileDescriptor.out),
            stream(FileDescriptor.err), System.getProperty("margay.terminals", ""), System.getenv(),
            Path.of(System.getProperty("margay.home", ".")), Path.of("/proc"));
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    /** {@return whether the user can answer questions} */
    boolean interactive() {
        return terminals.contains("0") && terminals.contains("2");
    }

    /** {@return whether the output is a terminal that moves its cursor} */
    boolean screen() {
        return terminals.contains("0") && terminals.contains("1") && !dumb();
    }

    /** {@return whether the output takes colours and the user wants them (no-color.org)} */
    boolean colours() {
        return terminals.contains("1") && !dumb() && environment.getOrDefault("NO_COLOR", "").isEmpty();
    }

    /** {@return whether somebody watches the errors, so that progress may be told there} */
    boolean watched() {
        return terminals.contains("2");
    }

    /** Says something that is no result. */
    void note(String text) {
        err.println("unitctl: " + harmless(text));
    }

    private boolean dumb() {
        String type = environment.getOrDefault("TERM", "");
        return type.isEmpty() || type.equals("dumb");
    }

    /** {@return the text without characters that control a terminal; line ends stay} */
    static String harmless(String text) {
        StringBuilder out = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean bad = c < ' ' && c != '\n' || c >= 0x7f && c < 0xa0 || Character.getType(c) == Character.FORMAT;
            if (bad && out == null) {
                out = new StringBuilder(text);
            }
            if (bad) {
                out.setCharAt(i, c == '\t' || c == '\r' ? ' ' : '?');
            }
        }
        return out == null ? text : out.toString();
    }
}
