// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.control.ServerControl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page of the logs has of requests. */
class AccessLogTailTest {

    @TempDir
    private Path directory;
    private Conf configured = ConfObject.EMPTY;
    private final EventsPage page = new EventsPage(new LogTail(Path.of("/nowhere/log")),
        new AccessLogTail(() -> configured), new KernelProcesses(Path.of("/nowhere"), Path.of("/nowhere/pid")),
        () -> ConfObject.EMPTY);

    private String ask(String question) {
        return ConfWriter.compactText(page.detail(question));
    }

    @Test
    void linesComeOnceInBothFormsOfTheOption() throws IOException {
        Path file = Files.writeString(directory.resolve("access"), "GET /a 200\n");
        configured = Conf.of(file.toString());
        assertEquals("{\"lines\":[{\"text\":\"GET /a 200\"}],\"place\":11,\"again\":false}", ask("access"));
        Files.writeString(file, "GET /b 404\nGET /c", StandardOpenOption.APPEND);
        configured = ConfObject.builder().put("path", file.toString()).put("format", "$status").build();
        assertEquals("{\"lines\":[{\"text\":\"GET /b 404\"}],\"place\":22,\"again\":false}", ask("access/after/11"));
        assertEquals("{\"lines\":[],\"place\":22,\"again\":false}", ask("access/after/22"));
    }

    @Test
    void whatCannotBeShownIsSaid() {
        assertTrue(ask("access").contains("The configuration names no access log."), ask("access"));
        configured = ServerControl.problem("The server does not answer.");
        assertTrue(ask("access").contains("The server does not answer."), ask("access"));
        configured = Conf.of("/dev/null");
        assertTrue(ask("access").contains("is no file"), ask("access"));
        configured = Conf.of(directory.resolve("gone").toString());
        assertTrue(ask("access").contains("is no file"), ask("access"));
    }

    @Test
    void theServersLogIsAskedInTheSameWay() {
        assertTrue(ask("after/0").contains("/nowhere/log"), ask("after/0"));
        assertTrue(ask("access/before/1").contains("nothing of this name"), ask("access/before/1"));
    }
}
