// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.store.ChangeNote;
import io.margay.store.Revisions;
import io.margay.store.StateDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ConfStoreTest {

    @TempDir
    private Path directory;
    private final Stage stage = new Stage();

    @AfterEach
    void close() {
        stage.close();
    }

    private StateDirectory state() throws IOException {
        Files.createDirectory(directory.resolve("state"));
        StateDirectory state = new StateDirectory(directory.resolve("state").toString(), "1.35.0", stage.lines::alert);
        state.prepare();
        return state;
    }

    private ConfStore store(StateDirectory state) {
        return new ConfStore(stage.loops.loop(0), state, new Revisions(state.revisions(), Revisions.Limits.DEFAULT,
            stage.lines::alert), stage.lines);
    }

    private static ChangeNote.Noted change(String json) {
        return new ChangeNote.Noted(new ChangeNote("PUT", "/config", ConfObject.EMPTY),
            json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void storesInTheOrderOfTheRequests() throws IOException {
        StateDirectory state = state();
        ConfStore store = store(state);
        List<String> done = new CopyOnWriteArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            int number = i;
            expected.add(i + " true Stored[failure=Optional.empty, revision=OptionalLong[" + (i + 1)
                + "], unnumbered=]");
            store.store(change("{\"a\":" + i + "}"),
                stored -> done.add(number + " " + stage.loops.loop(0).inLoop() + " " + stored));
        }
        stage.await("all are stored", () -> done.size() == 8);
        assertEquals(expected, done);
        assertEquals("{\"a\":7}", new String(state.configuration().orElseThrow(), StandardCharsets.UTF_8).strip());
    }

    @Test
    void aFailureIsToldAndTheNextRequestIsTaken() throws IOException {
        StateDirectory state = state();
        ConfStore store = store(state);
        List<ConfStore.Stored> done = new CopyOnWriteArrayList<>();
        Path path = directory.resolve("state");
        Path aside = directory.resolve("aside");
        Files.move(path, aside);
        store.store(change("{}"), done::add);
        stage.await("the first has failed", () -> done.size() == 1);
        String reason = done.getFirst().failure().orElseThrow();
        assertTrue(reason.contains("(2: No such file or directory)"), reason);
        assertEquals("alert failed to store current configuration: " + reason, stage.lines.all.getLast());
        Files.move(aside, path);
        store.store(change("{}"), done::add);
        stage.await("the second is stored", () -> done.size() == 2);
        assertEquals(Optional.empty(), done.getLast().failure());
    }

    @Test
    void whatCannotBeNumberedIsStoredAllTheSame() throws IOException {
        StateDirectory state = state();
        Files.writeString(directory.resolve("state/revisions"), "in the way");
        List<ConfStore.Stored> done = new CopyOnWriteArrayList<>();
        store(state).store(change("{}"), done::add);
        stage.await("it is stored", () -> done.size() == 1);
        assertEquals(Optional.empty(), done.getFirst().failure());
        assertTrue(done.getFirst().unnumbered().contains("(20: Not a directory)"), done.getFirst().unnumbered());
        assertEquals("{}", Files.readString(directory.resolve("state/conf.json")));
    }

    /** No revision may name a configuration that the next start will not have. */
    @Test
    void whatCannotBeStoredHasNoNumber() throws IOException {
        StateDirectory state = state();
        Files.createDirectory(directory.resolve("state/conf.json"));
        List<ConfStore.Stored> done = new CopyOnWriteArrayList<>();
        store(state).store(change("{}"), done::add);
        stage.await("it has failed", () -> done.size() == 1);
        assertTrue(done.getFirst().failure().isPresent());
        try (var files = Files.list(directory.resolve("state/revisions"))) {
            assertEquals(List.of(), files.toList());
        }
    }

    @Test
    void theConfigurationOfBeforeIsKeptOnce() throws IOException {
        StateDirectory state = state();
        state.store("{\"old\":1}".getBytes(StandardCharsets.UTF_8));
        List<ConfStore.Stored> done = new CopyOnWriteArrayList<>();
        store(state).store(change("{}"), done::add);
        stage.await("it is stored", () -> done.size() == 1);
        store(state).store(change("{\"a\":1}"), done::add);
        stage.await("the next is stored", () -> done.size() == 2);
        assertTrue(Files.readString(directory.resolve("state/revisions/1.jsonl")).endsWith("\n{\"old\":1}"));
        try (var files = Files.list(directory.resolve("state/revisions"))) {
            assertEquals(3, files.count());
        }
    }

    @Test
    void floodsAreRefused() throws IOException {
        ConfStore store = store(state());
        List<ConfStore.Stored> done = new CopyOnWriteArrayList<>();
        stage.call(() -> {
            for (int i = 0; i < 1000; i++) {
                store.store(change("{}"), done::add);
            }
            return 0;
        });
        stage.await("all have an answer", () -> done.size() == 1000);
        assertTrue(done.stream().anyMatch(stored -> stored.failure().equals(
            Optional.of("too many requests to the store"))));
    }
}
