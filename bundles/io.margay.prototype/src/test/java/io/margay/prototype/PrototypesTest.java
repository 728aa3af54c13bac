// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.margay.port.Header;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.WhoAmI;
import io.margay.posix.Credentials;
import io.margay.posix.Processes;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessState;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Starts with the real runner; Python and shell programs stand for a language's runtime. */
@Timeout(60)
class PrototypesTest {

    private static final String TYPE = "{\"type\":\"test\"}";
    private static final String BEGIN = """
        import json, os, socket, struct, sys
        init = json.loads(os.environ["MARGAY_INIT"])
        main, read = socket.socket(fileno=init["main"]), socket.socket(fileno=init["read"])
        def send(kind, payload=b""):
            main.send(struct.pack("=IiHBBBBBB", 0, 0, 0, kind, 1, 0, 0, 0, 0) + payload)
        """;
    private static final String CHECK = """
        status = open("/proc/self/status").read()
        seen = [init["name"], init["version"], os.getpid() == 1 or init["parent"] == os.getppid(), init["daemon"],
            os.pread(init["shim"], 100, 0).decode(), os.environ["FROM"],
            all(os.fstat(init[name]) for name in ("request", "slots", "router")),
            len(set(init[name] for name in ("read", "main", "request", "slots", "router", "shim")))]
        good = seen == ["blog", "1.35.0", True, False, "text of the shim", "host", True, 6]
        if not good: os.write(2, repr(seen).encode())
        """;
    private static final String SERVE = """
        send(19)
        sys.exit(read.recv(100)[10] + 2 * good + 4 * ("NoNewPrivs:\\t1" in status) + 8 * (os.getpid() == 1))
        """;

    private static List<String> python(String... parts) {
        return List.of("/usr/bin/python3", "-c", String.join("", parts));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', quoteCharacter = '^', value = {
        "{\"type\":\"test\"}!24",
        "{\"type\":\"test\",\"isolation\":{\"new_privs\":false}}!28",
        "{\"type\":\"test\",\"isolation\":{\"namespaces\":{\"pid\":true}}}!32",
        "{\"type\":\"test\",\"isolation\":{\"namespaces\":{\"credential\":true},\"new_privs\":false}}!28"})
    void aPrototypeStartsServesAndQuits(String conf, int code) {
        assumeTrue(!conf.contains("namespaces") || Credentials.effectiveUid() == 0, "needs root");
        try (Stage stage = new Stage(python(BEGIN, CHECK, SERVE))) {
            stage.start(5, conf);
            assertEquals("NEW_PORT 0 type 4 fds 1", stage.routerHears("announcement"));
            assertEquals("RPC_READY 5 4 bytes", stage.routerHears("its answer"));
            ProcessEntry entry = stage.prototype().orElseThrow();
            assertEquals("\"blog\" prototype " + entry.pid() + " READY", entry.toString());
            assertEquals(stage.main, entry.parent().orElseThrow());
            stage.quitPrototype();
            assertEquals("REMOVE_PID 0 ", stage.routerHears("its end"));
            assertEquals("notice process " + entry.pid() + " exited with code " + code, stage.lines.all.getLast());
            stage.await("its way to main ends", () -> stage.call(stage.uplinks::size) == 0);
        }
    }

    @Test
    void thePlanIsTextForPeople() {
        try (Stage stage = new Stage(python(BEGIN, CHECK, SERVE))) {
            stage.start(5, TYPE);
            stage.routerHears("announcement");
            String plan = stage.debug.getFirst();
            assertTrue(plan.startsWith("plan of \"blog\" prototype:\n"), plan);
            assertTrue(plan.contains("execve(\"/usr/bin/python3\""), plan);
            assertFalse(plan.contains("failed"), plan);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', quoteCharacter = '^', value = {
        "/bin/sh!{\"type\":\"cobol\"}!unknown application type: \"cobol\"",
        "/bin/sh!{\"type\":\"fortran\"}!unknown application type: \"fortran\"",
        "/bin/sh!{\"type\":\"test\",\"user\":\"noone\"}!getpwnam(\"noone\") failed, user not found",
        "/nonexistent!{\"type\":\"test\"}!(2: No such file or directory)",
        "/etc/passwd!{\"type\":\"test\"}!(13: Permission denied)",
        "/bin/false!{\"type\":\"test\"}!\"blog\" prototype exited before it was ready",
        "!{\"type\":\"test\"}!no such target"})
    void aFailedStartTellsTheRouterWhy(String program, String conf, String reason) {
        try (Stage stage = new Stage(program == null ? List.of() : List.of(program))) {
            int before = Processes.openDescriptors().length;
            stage.start(9, conf);
            String answer = stage.routerHears("refusal");
            assertTrue(answer.startsWith("RPC_ERROR 9 ") && answer.contains(reason), answer + stage.lines.all);
            stage.await("nothing is left", () -> stage.prototype().isEmpty() && stage.call(stage.uplinks::size) == 0);
            stage.await("no descriptor is left", () -> Processes.openDescriptors().length <= before);
            // The stream is free again: the start is not pending any more.
            stage.start(9, "{\"type\":\"cobol\"}");
            stage.await("the second refusal", () -> !stage.routerHearsNothing());
        }
    }

    /** Longer than a datagram by far, and a name that no file could have. */
    @Test
    void largeApplicationsAndLongNamesStart() {
        String conf = "{\"type\":\"test\",\"x\":\"" + "y".repeat(8 << 20) + "\"}";
        String name = "n".repeat(1 << 20);
        String check = "good = len(init[\"name\"]) < 1000; status = \"\"\n";
        try (Stage stage = new Stage(python(BEGIN, check, SERVE))) {
            stage.start(5, Stage.request(name, conf), 3);
            assertEquals("NEW_PORT 0 type 4 fds 1", stage.routerHears("announcement"));
            assertEquals("RPC_READY 5 4 bytes", stage.routerHears("its answer"));
            int pid = stage.prototype().orElseThrow().pid();
            stage.quitPrototype();
            stage.routerHears("its end");
            assertEquals("notice process " + pid + " exited with code 24", stage.lines.all.getLast());
        }
    }

    @Test
    void theDeadlineIsTheOptions() {
        try (Stage stage = new Stage(List.of("/bin/sleep", "1000"))) {
            stage.start(9, "{\"type\":\"test\",\"limits\":{\"start_timeout\":1}}");
            assertEquals("RPC_ERROR 9 \"blog\" prototype was not ready in time", stage.routerHears("refusal"));
            assertTrue(stage.lines.all.contains("alert \"blog\" prototype was not ready within 1 seconds (option "
                + "\"limits.start_timeout\")"), stage.lines.all.toString());
        }
    }

    @Test
    void aPrototypeEndsWithMainWhateverItDoes() {
        String check = "import ctypes\nn = ctypes.c_int(); ctypes.CDLL(None).prctl(2, ctypes.byref(n))\n"
            + "good = n.value == 9; status = \"\"\n";
        try (Stage stage = new Stage(python(BEGIN, check, SERVE))) {
            stage.start(5, TYPE);
            stage.routerHears("announcement");
            stage.routerHears("its answer");
            int pid = stage.prototype().orElseThrow().pid();
            stage.quitPrototype();
            stage.routerHears("its end");
            assertEquals("notice process " + pid + " exited with code 24", stage.lines.all.getLast());
        }
    }

    @Test
    void aKilledPrototypeIsReported() {
        try (Stage stage = new Stage(List.of("/bin/sh", "-c", "kill -9 $$"))) {
            stage.start(9, TYPE);
            assertEquals("RPC_ERROR 9 \"blog\" prototype exited before it was ready", stage.routerHears("refusal"));
            assertEquals("REMOVE_PID 9 ", stage.routerHears("its end"));
            assertTrue(stage.lines.all.getLast().endsWith(" exited on signal 9"), stage.lines.all.toString());
        }
    }

    private static String refusal(Stage stage, int stream, byte[] payload, int fds) {
        CompletionException thrown = assertThrows(CompletionException.class, () -> stage.start(stream, payload, fds));
        assertEquals(PayloadException.class, thrown.getCause().getClass());
        return thrown.getCause().getMessage();
    }

    @Test
    void malformedRequestsLeaveNothingPending() {
        try (Stage stage = new Stage(python(BEGIN, CHECK, SERVE))) {
            byte[] good = Stage.request("blog", TYPE);
            int before = Processes.openDescriptors().length;
            for (int count = 0; count < 3; count++) {
                assertEquals("start_process: descriptor \"" + Stage.NAMES.get(count) + "\" is missing",
                    refusal(stage, 7, good, count));
            }
            assertEquals("start_process: 4 descriptors with 3 names", refusal(stage, 7, good, 4));
            for (String json : List.of("", "[]", "{", "{\"a\":}", "7")) {
                byte[] payload = Stage.request("blog", json);
                assertEquals("router app configuration parsing error", refusal(stage, 7, payload, 3));
            }
            refusal(stage, 7, new byte[0], 3);
            refusal(stage, 7, "no end".getBytes(StandardCharsets.UTF_8), 3);
            assertEquals("start_process: stream 0 cannot be used", refusal(stage, 0, good, 3));
            assertEquals(before, Processes.openDescriptors().length);
            stage.start(7, TYPE);
            assertEquals("start_process: stream 7 cannot be used", refusal(stage, 7, good, 3));
            assertEquals("NEW_PORT 0 type 4 fds 1", stage.routerHears("the good one"));
            assertEquals("RPC_READY 7 4 bytes", stage.routerHears("its answer"));
        }
    }

    @Test
    void onlyTheProcessItselfCanSayThatItWasCreated() {
        try (Stage stage = new Stage(python(BEGIN, "good = read.recv(100)[10] == 99\n"));
            Stage other = new Stage(python(BEGIN, CHECK, SERVE))) {
            stage.start(3, TYPE);
            int pid = stage.prototype().orElseThrow().pid();
            stage.await("it is created", () -> stage.prototype().orElseThrow().state() == ProcessState.CREATED);
            other.start(4, TYPE);
            other.routerHears("a child of main that is not the one");
            int stranger = other.prototype().orElseThrow().pid();
            int[][] forged = {{3, 1}, {3, stage.self}, {3, stranger}, {4, pid}, {0, pid}};
            for (int[] each : forged) {
                CompletionException thrown = assertThrows(CompletionException.class,
                    () -> stage.created(each[0], each[1]));
                assertEquals("process " + each[1] + " sent PROCESS_CREATED in unexpected state",
                    thrown.getCause().getMessage());
            }
            // The right one a second time: the state stays.
            stage.created(3, pid);
            assertEquals("alert process " + pid + " sent PROCESS_CREATED in unexpected state",
                stage.lines.all.getLast());
            assertEquals(ProcessState.CREATED, stage.prototype().orElseThrow().state());
        }
    }

    @Test
    void prototypesLearnWhoTheyAre() {
        try (Stage stage = new Stage(python(BEGIN, CHECK, "send(19)\nanswer = read.recv(100)\n",
            "sys.exit(8 if struct.unpack('=I', answer[:4])[0] == 77 and answer[16:] == "
                + "struct.pack('=i', os.getpid()) else 1)\n"))) {
            stage.start(5, TYPE);
            stage.routerHears("announcement");
            stage.routerHears("its answer");
            int pid = stage.prototype().orElseThrow().pid();
            assertEquals(List.of(false, true), stage.call(() -> List.of(stage.prototypes.whoAmI(whoAmI(Stage.ROUTER)),
                stage.prototypes.whoAmI(whoAmI(pid)))));
            stage.routerHears("its end");
            assertEquals(List.of("notice process " + pid + " exited with code 8"), stage.lines.all);
        }
    }

    private static Message whoAmI(int sender) {
        return new Message(Header.last(MessageType.WHOAMI, 77, 0), ByteBuffer.wrap(new WhoAmI(0).encode()), sender,
            0, 0);
    }
}
