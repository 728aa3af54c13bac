// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.Processes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two files are the terminal and the log; a descriptor of the test has the part of descriptor 2. */
class TerminalTest {
    private static final int FLAGS = Files.O_WRONLY | Files.O_APPEND | Files.O_CREAT;

    @TempDir
    private Path directory;

    private Fd open(String name) {
        return Files.open(directory.resolve(name).toString(), FLAGS, 0600);
    }

    private List<String> lines(String name) throws IOException {
        return java.nio.file.Files.readAllLines(directory.resolve(name));
    }

    private static void assertAlert(String text, String line) {
        assertTrue(line.matches("\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d \\[alert\\] " + Processes.pid() + "#\\d+ "
            + text), line);
    }

    @Test
    void anAlertIsOnTheTerminalAndInTheLogOnceThatIsOpen() throws IOException {
        try (Fd errors = open("terminal"); Fd log = open("log"); Terminal terminal = Terminal.keep(errors.number())) {
            terminal.alert("too early");
            assertEquals(List.of(), lines("log"));
            assertAlert("too early", lines("terminal").getLast());
            Descriptors.duplicateTo(log.number(), errors.number());
            terminal.alert("first\nsecond");
            assertEquals(2, lines("log").size());
            assertAlert("first", lines("log").getFirst());
            assertEquals(lines("log"), lines("terminal").subList(1, 3));
        }
    }

    @Test
    void aTerminalThatWasGivenUpGetsNothing() throws IOException {
        try (Fd errors = open("terminal"); Fd log = open("log")) {
            Terminal terminal = Terminal.keep(errors.number());
            Descriptors.duplicateTo(log.number(), errors.number());
            terminal.close();
            terminal.alert("late");
            assertEquals(List.of(), lines("terminal"));
            assertAlert("late", lines("log").getLast());
        }
    }
}
