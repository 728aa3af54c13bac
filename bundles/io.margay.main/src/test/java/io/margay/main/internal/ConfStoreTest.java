// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

    @Test
    void storesInTheOrderOfTheRequests() throws IOException {
        StateDirectory state = state();
        ConfStore store = new ConfStore(stage.loops.loop(0), state, stage.lines);
        List<String> done = new CopyOnWriteArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int number = i;
            expected.add(i + " true Optional.empty");
            store.store(("{\"a\":" + i + "}").getBytes(StandardCharsets.UTF_8),
                failure -> done.add(number + " " + stage.loops.loop(0).inLoop() + " " + failure));
        }
        stage.await("all are stored", () -> done.size() == 20);
        assertEquals(expected, done);
        assertEquals("{\"a\":19}", new String(state.configuration().orElseThrow(), StandardCharsets.UTF_8).strip());
    }

    @Test
    void aFailureIsToldAndTheNextRequestIsTaken() throws IOException {
        StateDirectory state = state();
        ConfStore store = new ConfStore(stage.loops.loop(0), state, stage.lines);
        List<Optional<String>> done = new CopyOnWriteArrayList<>();
        Path path = directory.resolve("state");
        Path aside = directory.resolve("aside");
        Files.move(path, aside);
        store.store(new byte[] {'{', '}'}, done::add);
        stage.await("the first has failed", () -> done.size() == 1);
        String reason = done.getFirst().orElseThrow();
        assertTrue(reason.contains("(2: No such file or directory)"), reason);
        assertEquals(List.of("alert failed to store current configuration: " + reason), stage.lines.all);
        Files.move(aside, path);
        store.store(new byte[] {'{', '}'}, done::add);
        stage.await("the second is stored", () -> done.size() == 2);
        assertEquals(Optional.empty(), done.getLast());
    }
}
