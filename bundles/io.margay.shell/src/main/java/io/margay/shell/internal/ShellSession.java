// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import io.margay.conf.ConfObject;
import io.margay.main.CommandShell;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.felix.gogo.runtime.CommandNotFoundException;
import org.apache.felix.gogo.runtime.SyntaxError;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.apache.felix.service.command.Job;

/**
 * One session of Gogo: variables, and one command line at a time, on threads of its own, within a time and a length of
 * output. Thread-safe.
 */
final class ShellSession {
    /** Most bytes that one line may write. */
    static final int MAX_OUTPUT = 1 << 20;

    /** How a session was asked to end what runs. */
    private static final long GRACE_MILLIS = 2000;

    private final CommandSession session;
    private final ScheduledExecutorService timer;
    private final long millis;
    private final ShellOutput out;
    private final ShellOutput err;
    private final AtomicBoolean running = new AtomicBoolean();
    private volatile String stopped = "";
    private volatile boolean closed;
    private volatile long used = System.nanoTime();

    ShellSession(CommandProcessor processor, ScheduledExecutorService timer, long millis, CommandShell.Server server,
            Map<String, ShellCommand> commands) {
        this.timer = timer;
        this.millis = millis;
        this.out = new ShellOutput(MAX_OUTPUT, this::flood);
        this.err = new ShellOutput(MAX_OUTPUT, this::flood);
        this.session = processor.createSession(InputStream.nullInputStream(), out, err);
        session.put(ShellCommand.SERVER, server);
        session.put(ShellCommand.TIMER, timer);
        session.put(ShellCommand.COMMANDS, commands);
    }

    /** {@return since when nothing runs, on the clock of {@link System#nanoTime}; now while something does} */
    long idleSince() {
        return running.get() ? System.nanoTime() : used;
    }

    boolean isRunning() {
        return running.get();
    }

    boolean isClosed() {
        return closed;
    }

    /**
     * Runs a line.
     *
     * @param input what its commands may read instead of a file
     * @return {@code status}, {@code output} and {@code error}, in bounded time; fails when something runs already
     */
    CompletionStage<ConfObject> run(String line, Optional<String> input) {
        if (!running.compareAndSet(false, true)) {
            return CompletableFuture.failedFuture(new CommandShell.Refused(409, "A command runs in this session."));
        }
        CompletableFuture<ConfObject> answer = new CompletableFuture<>();
        stopped = "";
        session.put(ShellCommand.INPUT, input.orElse(null));
        ScheduledFuture<?> deadline = timer.schedule(() -> end("it took longer than " + millis / 1000 + " s"), millis,
            TimeUnit.MILLISECONDS);
        ScheduledFuture<?> given = timer.schedule(() -> giveUp(answer), millis + GRACE_MILLIS, TimeUnit.MILLISECONDS);
        Thread.ofPlatform().daemon().name("shell").start(() -> {
            int status = execute(line);
            deadline.cancel(false);
            given.cancel(false);
            // What was sent to the background would outlive the answer.
            jobs().forEach(Job::interrupt);
            ConfObject said = taken(status);
            used = System.nanoTime();
            // Before the client hears of it, who may go on at once.
            running.set(false);
            answer.complete(said);
        });
        return answer;
    }

    private int execute(String line) {
        try {
            Object result = session.execute(line);
            if (result != null) {
                print(out, String.valueOf(session.format(result, Converter.INSPECT)).stripTrailing());
            }
            return stopped.isEmpty() ? 0 : stop();
        } catch (ShellException e) {
            print(err, e.getMessage());
            return e.status();
        } catch (CommandNotFoundException e) {
            print(err, "there is no command \"" + e.getCommand() + "\"; unit:help lists them");
            return ShellException.USAGE;
        } catch (SyntaxError | EOFException e) {
            print(err, "this cannot be read: " + e.getMessage());
            return ShellException.USAGE;
        } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
            if (stopped.isEmpty()) {
                print(err, e.getMessage() == null ? e.toString() : e.getMessage());
                return e instanceof IllegalArgumentException ? ShellException.USAGE : ShellException.FAILED;
            }
            return stop();
        }
    }

    private int stop() {
        err.take();
        print(err, "the command was ended: " + stopped);
        return ShellException.FAILED;
    }

    private static void print(ShellOutput to, String text) {
        byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            to.write(bytes, 0, bytes.length);
        } catch (IOException e) {
            // It is cut, and the answer says so.
            return;
        }
    }

    private ConfObject taken(int status) {
        boolean cut = out.isCut() || err.isCut();
        return ConfObject.builder().put("status", cut && status == 0 ? ShellException.FAILED : status)
            .put("output", out.take()).put("error", err.take()).put("cut", cut).build();
    }

    /** What does not end when it is told to keeps its thread, but no client and no place. */
    private void giveUp(CompletableFuture<ConfObject> answer) {
        close();
        stop();
        answer.complete(taken(ShellException.FAILED));
    }

    private void flood() {
        end("its output is longer than " + MAX_OUTPUT + " bytes");
    }

    /** Ends what runs, if something does. */
    void interrupt() {
        if (running.get()) {
            end("interrupted");
        }
    }

    private void end(String reason) {
        stopped = reason;
        jobs().forEach(Job::interrupt);
    }

    private List<Job> jobs() {
        return closed ? List.of() : new ArrayList<>(session.jobs());
    }

    /** {@return the ways to go on with a line} */
    ConfObject complete(String line, int cursor) {
        used = System.nanoTime();
        return Completion.of(session, line, cursor);
    }

    /** Ends it with all that runs in it. */
    void close() {
        closed = true;
        session.close();
    }
}
