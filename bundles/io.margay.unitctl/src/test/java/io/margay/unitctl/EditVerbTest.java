// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class EditVerbTest {
    private static final Pattern KEPT = Pattern.compile("your text is kept in (\\S+)");

    @TempDir
    private Path directory;
    private String current = "{\"a\": 1}";
    private int version = 1;

    /** A server that compares versions and refuses what contains "bad". */
    private String answer(FakeServer.Seen seen) {
        String tag = "ETag: \"" + version + "\"";
        if (seen.what().startsWith("GET /config")) {
            return FakeServer.answer(200, current, tag);
        } else if (!seen.header("If-Match").equals(Optional.of("\"" + version + "\""))) {
            return FakeServer.answer(412, "{\"error\": \"Precondition failed.\"}", tag);
        } else if (seen.body().contains("bad")) {
            return FakeServer.answer(400, "{\"error\": \"Invalid configuration.\"}");
        }
        current = seen.body();
        version++;
        return FakeServer.ok("{\"success\": \"Reconfiguration done.\"}");
    }

    /** {@return an editor that runs these shell lines, the Nth at its Nth call; the file is $1} */
    private Run editor(String... lines) throws IOException {
        StringBuilder script = new StringBuilder("#!/bin/sh\nn=$(cat '" + directory + "/n' 2>/dev/null || echo 0)\n"
            + "echo $((n + 1)) > '" + directory + "/n'\nstat -c %a \"$1\" > '" + directory + "/mode'\ncase $n in\n");
        for (int i = 0; i < lines.length; i++) {
            script.append(i).append(") ").append(lines[i]).append(" ;;\n");
        }
        Path file = Files.writeString(directory.resolve("editor"), script + "esac\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return new Run().environment("VISUAL", "").environment("EDITOR", file.toString());
    }

    private Path socket() {
        return directory.resolve("s");
    }

    private static void dropKept(Run run) throws IOException {
        Matcher kept = KEPT.matcher(run.err());
        assertTrue(kept.find(), run.err());
        Files.delete(Path.of(kept.group(1)));
    }

    @Test
    void whatTheEditorWroteIsApplied() throws IOException {
        try (FakeServer server = FakeServer.at(socket(), this::answer)) {
            Run run = editor("sed -i s/1/2/ \"$1\"");
            assertEquals(0, run.on(socket(), "edit"), run.err());
            assertEquals("{\n  \"a\": 2\n}\n", current);
            assertEquals(List.of("GET /config", "PUT /config"), server.whats());
            assertEquals("600\n", Files.readString(directory.resolve("mode")), "secrets are for the user alone");
        }
    }

    @Test
    void yamlIsEditedAndSentAsJson() throws IOException {
        try (FakeServer server = FakeServer.at(socket(), this::answer)) {
            Run run = editor("grep -qx 'a: 1' \"$1\" && echo 'a: 0x10' > \"$1\"");
            assertEquals(0, run.on(socket(), "edit", "-t", "yaml", "/config/x"), run.err());
            assertEquals("{\"a\":16}", current);
            assertEquals("PUT /config/x", server.whats().getLast());
            assertEquals("success: Reconfiguration done.\n", run.out());
        }
    }

    @Test
    void nothingChangedIsNothingSent() throws IOException {
        try (FakeServer server = FakeServer.at(socket(), this::answer)) {
            assertEquals(0, editor("true").on(socket(), "edit"));
            assertEquals(List.of("GET /config"), server.whats());
        }
    }

    @Test
    void withoutATerminalARefusalKeepsTheText() throws IOException {
        try (FakeServer server = FakeServer.at(socket(), this::answer)) {
            Run run = editor("echo bad > \"$1\"");
            assertEquals(1, run.on(socket(), "edit"));
            dropKept(run);
            assertEquals(2, server.seen().size());
        }
    }

    @Test
    void onATerminalTheEditorOpensAgain() throws IOException {
        try (FakeServer server = FakeServer.at(socket(), this::answer)) {
            Run run = editor("echo '{\"bad\": 1}' > \"$1\"", "grep -q bad \"$1\" && echo '{\"good\": 1}' > \"$1\"")
                .terminals("012").input("x\ne\n");
            assertEquals(0, run.on(socket(), "edit"), run.err());
            assertEquals("{\"good\": 1}\n", current);
            assertEquals(3, server.seen().size());
            assertEquals(2, run.err().split("Edit again", -1).length - 1, "asked again after the x");
        }
    }

    @Test
    void givingUpKeepsTheTextAndTheServer() throws IOException {
        try (FakeServer server = FakeServer.at(socket(), this::answer)) {
            Run run = editor("echo '{\"bad\": 1}' > \"$1\"").terminals("02").input("q\n");
            assertEquals(1, run.on(socket(), "edit"));
            dropKept(run);
            assertEquals("{\"a\": 1}", current);
            assertEquals(2, server.seen().size());
        }
    }

    @Test
    void anotherWriterIsNeverOverwrittenUnseen() throws IOException {
        try (FakeServer server = FakeServer.at(socket(), seen -> {
            if (seen.what().equals("PUT /config") && version == 1) {
                current = "{\"a\": 1, \"theirs\": true}";
                version = 2;
            }
            return answer(seen);
        })) {
            Run run = editor("echo '{\"a\": 5}' > \"$1\"", "echo '{\"a\": 5, \"theirs\": true}' > \"$1\"")
                .terminals("02").input("e\n");
            assertEquals(0, run.on(socket(), "edit"), run.err());
            assertTrue(run.err().contains("+ /theirs: true"), run.err());
            assertEquals("{\"a\": 5, \"theirs\": true}\n", current);
            assertEquals(List.of("GET /config", "PUT /config", "GET /config", "PUT /config"), server.whats());
        }
    }

    @Test
    void onAConflictOneCanStartAnew() throws IOException {
        try (FakeServer server = FakeServer.at(socket(), seen -> {
            if (seen.what().equals("PUT /config") && version == 1) {
                current = "{\"theirs\": 1}";
                version = 2;
            }
            return answer(seen);
        })) {
            Run run = editor("echo '{}' > \"$1\"", "sed -i s/1/2/ \"$1\"").terminals("02").input("n\n");
            assertEquals(0, run.on(socket(), "edit"), run.err());
            assertEquals("{\n  \"theirs\": 2\n}\n", current);
            assertEquals(4, server.seen().size());
        }
    }

    @Test
    void aServerWithoutVersionsIsLookedAtAgain() throws IOException {
        String other = FakeServer.ok("{\"a\": 2}");
        try (FakeServer server = FakeServer.at(socket(), seen -> seen.what().startsWith("PUT")
            ? FakeServer.ok("{}") : version++ == 1 ? FakeServer.ok("{\"a\": 1}") : other)) {
            Run run = editor("echo '{}' > \"$1\"");
            assertEquals(1, run.on(socket(), "edit"));
            dropKept(run);
            assertEquals(List.of("GET /config", "GET /config"), server.whats());
        }
    }

    @Test
    void aFailingEditorChangesNothing() throws IOException {
        try (FakeServer server = FakeServer.at(socket(), this::answer)) {
            Run run = editor("exit 3");
            assertEquals(4, run.on(socket(), "edit"));
            assertTrue(run.err().contains("ended with code 3"), run.err());
            dropKept(run);
            assertEquals(1, server.seen().size());
        }
    }

    @Test
    void anEditCanBeTried() throws IOException {
        Map<String, String> answers = Map.of("GET /control/revisions", FakeServer.ok("[]"),
            "GET /config", FakeServer.answer(200, "{}", "ETag: \"7\""), "PUT /config?dry-run", FakeServer.ok("{}"));
        try (FakeServer server = FakeServer.of(socket(), answers)) {
            Run run = editor("echo '{\"b\": 1}' > \"$1\"");
            assertEquals(0, run.on(socket(), "edit", "--dry-run"), run.err());
            dropKept(run);
            assertEquals("\"7\"", server.seen().getLast().header("If-Match").orElseThrow());
        }
    }
}
