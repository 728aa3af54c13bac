// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Access logs that the router wants. */
@Timeout(60)
class AccessLogFilesTest {
    private static final int STREAM = 21;

    @TempDir
    private Path directory;
    private final Stage stage = new Stage();
    private final AccessLogFiles files = new AccessLogFiles(stage.loops.loop(0), stage.self, stage.table, stage.lines);

    @BeforeEach
    void prepare() {
        stage.add(Stage.CONTROLLER, "controller", true);
        stage.add(Stage.ROUTER, "router", true);
    }

    @AfterEach
    void close() {
        files.close();
        stage.close();
    }

    private Peer peer(int pid) {
        return stage.table.peer(stage.table.find(pid).orElseThrow()).orElseThrow();
    }

    private void allow(String... paths) {
        stage.call(() -> {
            try (Message message = Stage.message(MessageType.LOG_NAMES, STREAM, Stage.CONTROLLER,
                    Stage.bytes(String.join("\0", paths)))) {
                files.allow(message, peer(Stage.CONTROLLER));
            }
            return 0;
        });
        assertEquals("RPC_READY 21 ", stage.hear(Stage.CONTROLLER));
    }

    /** What the router hears; for an order that makes no sense what is wrong with it. */
    private String ask(Object... order) {
        StringBuilder text = new StringBuilder();
        for (Object part : order) {
            text.append(text.isEmpty() ? "" : "\0").append(part);
        }
        boolean heard = stage.call(() -> {
            try (Message message = Stage.message(MessageType.ACCESS_LOG, STREAM, Stage.ROUTER,
                    Stage.bytes(text.toString()))) {
                files.serve(message, peer(Stage.ROUTER));
                return true;
            } catch (PayloadException e) {
                stage.lines.error(e.getMessage());
                return false;
            }
        });
        return heard ? stage.hear(Stage.ROUTER) : stage.lines.all.getLast();
    }

    /** The router gets the file and cannot have it made readable to others; a reason is in the log as well. */
    @Test
    void filesAreOpened() throws IOException {
        Path path = directory.resolve("access.log");
        String unnamed = "the access log \"" + path + "\" is not in the configuration";
        assertEquals("RPC_ERROR 21 " + unnamed, ask(path));
        assertEquals("error " + unnamed, stage.lines.all.getLast());
        allow("/other");
        assertEquals("RPC_ERROR 21 " + unnamed, ask(path));
        assertFalse(Files.exists(path));
        allow(path.toString(), directory.toString(), path.toString());
        assertEquals("RPC_READY 21 ", ask(path));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
        stage.lines.all.clear();
        String reason = "open(\"" + directory + "\") failed (21: Is a directory)";
        assertEquals("RPC_ERROR 21 " + reason, ask(directory));
        assertEquals(List.of("error " + reason), stage.lines.all);
        assertEquals("error access_log: the path is not valid", ask("a", "b"));
        assertEquals("error access_log: the path is not valid", ask(""));
        assertEquals("error access_log: the path is not valid", ask("/" + "x".repeat(4095)));
    }

    /** All routers are told, then the one that has asked has its answer. */
    @Test
    void filesAreRotated() throws IOException {
        Path path = Files.writeString(directory.resolve("access.log"), "12345");
        allow(path.toString(), directory.toString());
        assertEquals("ACCESS_LOG 0 ", ask(path, 5, 2));
        assertEquals("RPC_READY 21 ", stage.hear(Stage.ROUTER));
        assertEquals("12345", Files.readString(directory.resolve("access.log.1")));
        assertEquals(0, Files.size(path));
        assertEquals("RPC_ERROR 21 the access log \"" + directory + "\" is not rotated: it is not a regular file",
            ask(directory, 1, 2));
        assertEquals("RPC_ERROR 21 the access log \"/etc/passwd\" is not in the configuration",
            ask("/etc/passwd", 1, 2));
        assertEquals("error access_log: \"0\" is not valid", ask(path, 0, 2));
        assertEquals("error access_log: \"1001\" is not valid", ask(path, 1, 1001));
        assertEquals("error access_log: \"x\" is not valid", ask(path, "x", 1));
        assertEquals("error access_log: the path is not valid", ask(path, 1, 1, 1));
    }
}
