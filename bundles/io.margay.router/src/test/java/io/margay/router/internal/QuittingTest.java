// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.engine.Turns;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuittingTest {

    private final Stage stage = new Stage();
    private final List<Integer> exits = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        stage.close();
    }

    private CompletableFuture<Void> begin(long millis) {
        CompletableFuture<Void> drained = new CompletableFuture<>();
        stage.call(() -> {
            Quitting quitting = new Quitting(stage.loops.loop(0), millis, stage.lines, exits::add);
            Turns turns = new Turns(stage.loops.loop(0));
            quitting.begin(() -> drained, turns);
            quitting.begin(() -> drained, turns);
            assertTrue(quitting.isBegun());
            turns.add(() -> {
                throw new AssertionError("no change begins any more");
            });
            return 0;
        });
        return drained;
    }

    @Test
    void itEndsWithTheLastRequest() {
        CompletableFuture<Void> drained = begin(60_000);
        assertEquals(List.of(), exits);
        drained.complete(null);
        stage.await("it ends", () -> exits.equals(List.of(0)));
        assertEquals(List.of(), stage.lines.all);
    }

    @Test
    void whatTakesTooLongIsCutOff() {
        begin(0);
        stage.await("it ends", () -> exits.equals(List.of(0)));
        assertEquals(List.of("warn requests are cut off that have no answer after 0 seconds"), stage.lines.all);
    }

    @ParameterizedTest
    @CsvSource(nullValues = "null", value = {"null, 30000", "5, 5000", "' 0 ', 0", "-1, 0", "x, 30000",
        "99999999999999, 2147483647000"})
    void theTimeIsAProperty(String property, long millis) {
        assertEquals(millis, Quitting.millis(property));
    }
}
