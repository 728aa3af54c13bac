// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jline.reader.Candidate;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** The shell at a terminal: lines are edited, completed by the server, kept. Ctrl-C ends a command, Ctrl-D leaves. */
final class ShellTerminal {
    private static final String HISTORY = ".unitctl_history";
    private static final int KEPT = 1000;
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rw-------");

    private final Io io;
    private final ShellClient shell;

    ShellTerminal(Io io, ShellClient shell) {
        this.io = io;
        this.shell = shell;
    }

    /**
     * Runs what the user types until he leaves.
     *
     * @return the exit code of the last command
     */
    int run(Optional<String> input) throws ToolException, IOException {
        try (Terminal terminal = terminal()) {
            LineReader reader = reader(terminal);
            int status = ToolException.DONE;
            while (true) {
                String line;
                try {
                    line = reader.readLine("unit> ").strip();
                } catch (UserInterruptException e) {
                    continue;
                } catch (EndOfFileException e) {
                    return status;
                }
                if (line.equals("exit") || line.equals("quit")) {
                    return status;
                }
                if (!line.isEmpty() && !line.startsWith("#")) {
                    status = run(terminal, line, input);
                }
            }
        }
    }

    private int run(Terminal terminal, String line, Optional<String> input) throws ToolException {
        Terminal.SignalHandler before = terminal.handle(Terminal.Signal.INT, signal -> interrupt());
        try {
            ShellClient.Outcome outcome = shell.run(line, input);
            terminal.writer().print(Io.harmless(outcome.output()) + Io.harmless(outcome.error()));
            terminal.flush();
            return outcome.status();
        } catch (RefusedException e) {
            // The session goes on, unless that is what the server said.
            io.note(e.getMessage());
            if (e.status() == 404) {
                throw e;
            }
            return e.code();
        } finally {
            terminal.handle(Terminal.Signal.INT, before);
        }
    }

    private void interrupt() {
        // Not on the thread that gets the signal, which others wait for.
        Thread.ofPlatform().daemon().start(() -> {
            try {
                shell.interrupt();
            } catch (ToolException e) {
                io.note(e.getMessage());
            }
        });
    }

    private static Terminal terminal() throws ToolException {
        try {
            return TerminalBuilder.builder().system(true).dumb(false).jni(false).build();
        } catch (IOException | IllegalStateException e) {
            throw ToolException.local("the terminal cannot be used: " + e.getMessage() + "; use -c", e);
        }
    }

    private LineReader reader(Terminal terminal) {
        DefaultParser parser = new DefaultParser();
        // Quotes and brackets are the server's to understand.
        parser.setEscapeChars(new char[0]);
        parser.setQuoteChars(new char[0]);
        LineReader reader = LineReaderBuilder.builder().terminal(terminal).appName("unitctl").parser(parser)
            .completer((at, line, candidates) -> complete(line, candidates))
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .option(LineReader.Option.HISTORY_IGNORE_SPACE, true).build();
        history().ifPresent(file -> {
            reader.setVariable(LineReader.HISTORY_FILE, file);
            reader.setVariable(LineReader.HISTORY_SIZE, KEPT);
            reader.setVariable(LineReader.HISTORY_FILE_SIZE, KEPT);
        });
        return reader;
    }

    private void complete(ParsedLine line, List<Candidate> candidates) {
        try {
            for (ShellClient.Candidate one : shell.complete(line.line(), line.cursor())) {
                candidates.add(new Candidate(one.value(), one.value(), null,
                    one.about().isEmpty() ? null : Io.harmless(one.about()), null, null, !one.value().endsWith("/")));
            }
        } catch (ToolException e) {
            // A line can be typed without help, and running it tells what is wrong.
            return;
        }
    }

    /** Commands may hold secrets, so nobody else reads them; without a place for them they are not kept. */
    private Optional<Path> history() {
        String home = io.environment().getOrDefault("HOME", "");
        if (home.isEmpty()) {
            return Optional.empty();
        }
        Path file = Path.of(home, HISTORY);
        try {
            try {
                Files.createFile(file, PosixFilePermissions.asFileAttribute(PRIVATE));
            } catch (FileAlreadyExistsException e) {
                Files.setPosixFilePermissions(file, PRIVATE);
            }
            return Optional.of(file);
        } catch (IOException e) {
            io.note("commands are not kept: " + e.getMessage());
            return Optional.empty();
        }
    }
}
