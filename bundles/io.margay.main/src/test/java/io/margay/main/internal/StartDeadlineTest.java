// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What of the other core processes is there when the time of the start is over. */
@Timeout(60)
class StartDeadlineTest {

    private static final String TEXT =
        " failed to start within 0 seconds (property \"margay.start.seconds\" in config/framework.properties)";

    private final Stage stage = new Stage();
    private final List<String> failures = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        stage.close();
    }

    private StartDeadline begin() {
        return stage.call(() -> new StartDeadline(stage.loops.loop(0), stage.table, 5, failures::add));
    }

    /** A timer that is due later has run. */
    private void later() {
        List<String> done = new CopyOnWriteArrayList<>();
        stage.call(() -> stage.loops.loop(0).schedule(50, () -> done.add("")));
        stage.await("the time is over", () -> !done.isEmpty());
    }

    @Test
    void aControllerThatIsNotReadyIsAFailedStart() {
        stage.add(Stage.ROUTER, "router", true);
        stage.add(Stage.CONTROLLER, "controller", false);
        begin();
        stage.await("it fails", () -> !failures.isEmpty());
        assertEquals(List.of("controller" + TEXT), failures);
    }

    @Test
    void aRouterThatIsNotThereIsAFailedStart() {
        stage.add(Stage.CONTROLLER, "controller", true);
        begin();
        stage.await("it fails", () -> !failures.isEmpty());
        assertEquals(List.of("router" + TEXT), failures);
    }

    @Test
    void whatTheStoredConfigurationTakesDoesNotCount() {
        stage.add(Stage.ROUTER, "router", true);
        stage.add(Stage.CONTROLLER, "controller", true);
        begin();
        later();
        assertEquals(List.of(), failures);
    }

    @Test
    void aServerThatAnswersHasNoDeadline() {
        stage.call(() -> {
            new StartDeadline(stage.loops.loop(0), stage.table, 5, failures::add).over();
            return 0;
        });
        later();
        assertEquals(List.of(), failures);
    }
}
