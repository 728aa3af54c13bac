// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;
import org.jline.utils.Curses;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;

/**
 * What servers answer, as a table that follows it, on a screen of its own that is left as it was. Each server is asked
 * by a thread of its own, so that a slow one delays neither the others nor the keys.
 */
final class LiveStatus {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int CTRL_C = 3;

    private final Io io;
    private final List<ControlClient> clients;
    private final Duration interval;
    private final LiveTable table;
    private final ConcurrentHashMap<String, State> states = new ConcurrentHashMap<>();
    private volatile boolean ended;

    /**
     * What is known of a server.
     *
     * @param trouble why the last attempt failed, empty when it did not
     */
    private record State(StatusTable.Sample now, Optional<StatusTable.Sample> before, String trouble) {
    }

    LiveStatus(Io io, List<ControlClient> clients, Duration interval, LiveTable table) {
        this.table = table;
        this.io = io;
        this.clients = clients;
        this.interval = interval;
    }

    /**
     * Runs until the user ends it.
     *
     * @return the exit code: 0 unless no server answered at all
     */
    int run() throws Exception {
        int code = ToolException.DONE;
        for (ControlClient client : clients) {
            try {
                states.put(client.name(), new State(sample(client), Optional.empty(), ""));
            } catch (ToolException e) {
                code = Math.max(code, Unitctl.report(io, e));
            }
        }
        if (states.isEmpty()) {
            return code;
        }
        try (Terminal terminal = terminal()) {
            Screen screen = new Screen(terminal, io);
            Thread hook = new Thread(screen::leave, "screen");
            Runtime.getRuntime().addShutdownHook(hook);
            try {
                screen.enter();
                clients.forEach(client -> Thread.ofPlatform().daemon().start(() -> follow(client)));
                draw(terminal);
            } finally {
                ended = true;
                screen.leave();
                removeHook(hook);
            }
        }
        return code;
    }

    private static Terminal terminal() throws ToolException {
        try {
            return TerminalBuilder.builder().system(true).dumb(false).jni(false).build();
        } catch (IOException | IllegalStateException e) {
            throw ToolException.local("the terminal cannot be used: " + e.getMessage() + "; try -t text", e);
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is ending already: the hook runs and does no harm.
            return;
        }
    }

    /** The terminal while it belongs to the table. */
    private static final class Screen {
        private final Terminal terminal;
        private final Io io;
        private boolean entered;

        Screen(Terminal terminal, Io io) {
            this.terminal = terminal;
            this.io = io;
        }

        synchronized void enter() {
            terminal.enterRawMode();
            Attributes raw = terminal.getAttributes();
            raw.setLocalFlag(Attributes.LocalFlag.ISIG, false);
            terminal.setAttributes(raw);
            terminal.puts(Capability.enter_ca_mode);
            terminal.puts(Capability.cursor_invisible);
            terminal.flush();
            entered = true;
        }

        /**
         * Gives the screen back; closing the terminal restores its settings. Not written through the terminal: when
         * the process is told to end, the library closes that at the same time.
         */
        synchronized void leave() {
            if (entered) {
                entered = false;
                io.out().print(Curses.tputs(terminal.getStringCapability(Capability.cursor_normal))
                    + Curses.tputs(terminal.getStringCapability(Capability.exit_ca_mode)));
                io.out().flush();
            }
        }
    }

    private void draw(Terminal terminal) throws IOException {
        Display display = new Display(terminal, true);
        NonBlockingReader keys = terminal.reader();
        long next = System.nanoTime();
        while (true) {
            if (System.nanoTime() - next >= 0) {
                next += interval.toNanos();
                next = Math.max(next, System.nanoTime());
                Size size = Size.of(Math.max(20, terminal.getColumns()), Math.max(1, terminal.getRows()));
                display.resize(size);
                display.update(lines(size.getRows(), size.getColumns()), 0);
                terminal.flush();
            }
            int key = keys.read(Math.max(1, ToolConnection.left(next)));
            if (key == 'q' || key == 'Q' || key == CTRL_C || key == NonBlockingReader.EOF) {
                return;
            }
        }
    }

    private List<AttributedString> lines(int rows, int columns) {
        AttributedStyle strong = io.colours() ? AttributedStyle.BOLD : AttributedStyle.DEFAULT;
        AttributedStyle wrong = io.colours() ? AttributedStyle.DEFAULT.foreground(AttributedStyle.RED)
            : AttributedStyle.DEFAULT;
        List<AttributedString> lines = new ArrayList<>();
        for (ControlClient client : clients) {
            State state = states.get(client.name());
            lines.add(new AttributedString(Io.harmless(client.name()), strong));
            if (state == null || !state.trouble().isEmpty()) {
                String why = state == null ? "does not answer" : state.trouble();
                lines.add(new AttributedString(Io.harmless(why.replace('\n', ' ')), wrong));
            }
            if (state != null) {
                table.lines(state.now(), state.before()).forEach(line -> lines.add(
                    new AttributedString(line, table.isHead(line) ? strong : AttributedStyle.DEFAULT)));
            }
            lines.add(AttributedString.EMPTY);
        }
        int room = Math.max(0, rows - 1);
        List<AttributedString> shown = new ArrayList<>();
        for (AttributedString line : lines.subList(0, Math.min(room, lines.size()))) {
            shown.add(line.columnSubSequence(0, columns));
        }
        String more = lines.size() > room ? (lines.size() - room) + " more lines, " : "";
        String every = String.format(Locale.ROOT, "every %.1f s", interval.toNanos() / 1e9);
        shown.add(new AttributedString(more + every + ", q to quit").columnSubSequence(0, columns));
        return shown;
    }

    private void follow(ControlClient client) {
        while (!ended) {
            LockSupport.parkNanos(interval.toNanos());
            State old = states.get(client.name());
            try {
                StatusTable.Sample now = sample(client.impatient(PATIENCE));
                states.put(client.name(), new State(now, Optional.ofNullable(old).map(State::now), ""));
            } catch (ToolException e) {
                states.computeIfPresent(client.name(),
                    (name, last) -> new State(last.now(), last.before(), e.getMessage()));
            }
        }
    }

    private StatusTable.Sample sample(ControlClient client) throws ToolException {
        return new StatusTable.Sample(Verb.object(client, client.ask(table.request())), System.nanoTime());
    }
}
