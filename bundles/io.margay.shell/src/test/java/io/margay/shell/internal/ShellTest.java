// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.main.CommandShell;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.apache.felix.service.command.Process;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShellTest {
    private static final CommandShell.Server SERVER = new CommandShell.Server("unix:/nowhere", Path.of("/nowhere"),
        "9.9.9");
    /** Longer than any of these tests may take. */
    private static final long LONG = 600_000;

    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch never = new CountDownLatch(1);
    private final CommandProcessorImpl processor = new CommandProcessorImpl(new ThreadIOImpl());
    private Shell shell = shell(LONG);

    private interface Body {
        String run(ShellCall call) throws Exception;
    }

    private static ShellCommand command(String name, String parameters, Body body) {
        return new ShellCommand(name, parameters, "does " + name) {
            @Override
            String run(ShellCall call) throws Exception {
                return body.run(call);
            }
        };
    }

    private Shell shell(long millis) {
        List<ShellCommand> commands = List.of(new UnitVersion(), new UnitHelp(), new UnitGrep(), new ProcShow(),
            command("t:wait", "", call -> {
                begun.countDown();
                never.await();
                return "";
            }),
            command("t:endless", "", call -> {
                while (!Thread.currentThread().isInterrupted()) {
                    Process.Utils.current().out().println("x".repeat(1000));
                }
                return "";
            }),
            command("t:throws", "", call -> {
                throw new IllegalStateException("broken");
            }),
            command("t:error", "", call -> {
                throw new NoClassDefFoundError("gone");
            }),
            command("t:take", "A [B] [-f]", call -> call.given().words() + " " + call.given().flags()),
            command("t:content", "[FILE]", call -> new String(call.content(0, 10), StandardCharsets.UTF_8)),
            command("t:long", "", call -> "y".repeat(2 * ShellSession.MAX_OUTPUT)));
        commands.forEach(one -> processor.addCommand(one.name().split(":")[0], one, one.name().split(":")[1]));
        return new Shell(processor, commands, millis);
    }

    @AfterEach
    void end() {
        shell.stop();
        processor.stop();
    }

    private CompletableFuture<ConfObject> order(String verb, String session, String line, long uid) {
        return shell.order(SERVER, ConfObject.builder().put("verb", verb).put("session", session).put("line", line)
            .put("cursor", line.length()).put("uid", uid).build()).toCompletableFuture();
    }

    private ConfObject done(CompletableFuture<ConfObject> order) throws Exception {
        return order.get(60, TimeUnit.SECONDS);
    }

    private String open() throws Exception {
        return done(order("open", "", "", 0)).string("session").orElseThrow();
    }

    private ConfObject run(String session, String line) throws Exception {
        return done(order("run", session, line, 0));
    }

    private static int refused(CompletableFuture<ConfObject> order) {
        ExecutionException e = assertThrows(ExecutionException.class, () -> order.get(60, TimeUnit.SECONDS));
        return assertInstanceOf(CommandShell.Refused.class, e.getCause()).status();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "unit:version          | 0 | unit 9.9.9",
        "t:take a              | 0 | [a] []",
        "t:take -f 'a b' c     | 0 | [a b, c] [-f]",
        "t:take -- -f          | 0 | [-f] []",
        "t:take -h             | 0 | t:take A [B] [-f]",
        "unit:help t:take      | 0 | does t:take",
        "unit:help             | 0 | t:endless",
        "unit:version; t:take x| 0 | [x]",
        "v = q; t:take $v      | 0 | [q]",
        "t:take                | 2 | A is missing; usage: t:take A [B] [-f]",
        "t:take a b c          | 2 | \"c\" is too much",
        "t:take -x a           | 2 | no option \"-x\"",
        "t:take [a b]          | 2 | JSON in single quotes",
        "unit:help nope        | 2 | there is no command \"nope\"",
        "nope                  | 2 | there is no command \"nope\"",
        "t:take 'a             | 2 | cannot be read",
        "proc:show nope        | 2 | none of main, controller, router",
        "proc:show main        | 1 | does not answer",
        "t:throws              | 1 | broken",
        "t:error               | 1 | gone",
        "t:content             | 2 | there is no content",
        "t:content relative    | 2 | must begin with /",
        "t:content /nowhere/x  | 1 | there is no file"})
    void commandsEnd(String line, int status, String text) throws Exception {
        ConfObject answer = run(open(), line);
        String said = answer.string("output").orElseThrow() + answer.string("error").orElseThrow();
        assertEquals(status, answer.integer("status", -1), said);
        assertTrue(said.contains(text), said);
    }

    @Test
    void commandsReadWhatOthersWrite() throws Exception {
        String output = run(open(), "unit:help | unit:grep t:endless").string("output").orElseThrow();
        assertEquals(1, output.lines().count(), output);
        assertTrue(output.contains("does t:endless"), output);
    }

    @Test
    void whatWasSentAlongIsForOneCommand() throws Exception {
        String session = open();
        ConfObject order = ConfObject.builder().put("verb", "run").put("session", session).put("line", "t:content")
            .put("input", "text").put("uid", 0).build();
        assertEquals("text\n", done(shell.order(SERVER, order).toCompletableFuture()).string("output").orElseThrow());
        assertEquals(2, run(session, "t:content").integer("status", -1));
    }

    @Test
    void variablesAreTheSessionsOwn() throws Exception {
        String first = open();
        String second = open();
        assertNotEquals(first, second);
        run(first, "v = one");
        assertTrue(run(first, "t:take $v").string("output").orElseThrow().contains("[one]"));
        assertFalse(run(second, "t:take $v").string("output").orElseThrow().contains("one"));
    }

    @Test
    void oneSessionRunsOneCommandAndOthersGoOn() throws Exception {
        String busy = open();
        CompletableFuture<ConfObject> waits = order("run", busy, "t:wait", 0);
        assertTrue(begun.await(60, TimeUnit.SECONDS));
        assertEquals(409, refused(order("run", busy, "unit:version", 0)));
        assertEquals(0, run(open(), "unit:version").integer("status", -1));
        done(order("interrupt", busy, "", 0));
        ConfObject answer = done(waits);
        assertEquals(1, answer.integer("status", -1));
        assertTrue(answer.string("error").orElseThrow().contains("interrupted"), ConfWriter.compactText(answer));
    }

    @Test
    void aCommandHasItsTime() throws Exception {
        shell.stop();
        shell = shell(50);
        String session = open();
        ConfObject answer = run(session, "t:wait");
        assertEquals(1, answer.integer("status", -1));
        assertTrue(answer.string("error").orElseThrow().contains("took longer"), ConfWriter.compactText(answer));
    }

    @ParameterizedTest
    @CsvSource({"t:endless", "t:long"})
    void outputHasAnEnd(String line) throws Exception {
        String session = open();
        ConfObject answer = run(session, line);
        assertEquals(1, answer.integer("status", -1));
        assertTrue(answer.bool("cut", false));
        assertEquals(ShellSession.MAX_OUTPUT, answer.string("output").orElseThrow().length());
    }

    @Test
    void sessionsAreTheirOpenersAlone() throws Exception {
        String session = open();
        assertEquals(404, refused(order("run", session, "unit:version", 7)));
        assertEquals(404, refused(order("close", session, "", 7)));
        assertEquals(404, refused(order("run", "0", "unit:version", 0)));
        done(order("close", session, "", 0));
        assertEquals(404, refused(order("run", session, "unit:version", 0)));
        assertEquals(400, refused(order("nothing", session, "", 0)));
    }

    @Test
    void theSessionThatIsIdleLongestGivesWay() throws Exception {
        String first = open();
        for (int i = 1; i < Shell.MOST; i++) {
            open();
        }
        String last = open();
        assertEquals(404, refused(order("run", first, "unit:version", 0)));
        assertEquals(0, run(last, "unit:version").integer("status", -1));
    }

    @Test
    void idleSessionsEnd() throws Exception {
        String session = open();
        shell.tidy(0);
        assertEquals(404, refused(order("run", session, "unit:version", 0)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "unit:v             | 0  | unit:version",
        "version            | 0  | unit:version",
        "unit:help; unit:g  | 11 | unit:grep",
        "t:take -           | 7  | -f",
        "proc:show r        | 10 | router",
        "t:take a           | 7  | ``",
        "app:show x         | 9  | ``"})
    void linesAreCompleted(String line, int begin, String first) throws Exception {
        ConfObject answer = done(order("complete", open(), line, 0));
        assertEquals(begin, answer.integer("begin", -1));
        List<?> all = answer.array("candidates").orElseThrow().elements();
        assertEquals(first, all.isEmpty() ? "" : ((ConfObject) all.getFirst()).string("value").orElseThrow());
    }
}
