// SPDX-License-Identifier: Apache-2.0
package io.margay.status.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.osgi.framework.ServiceReference;

/** Felix Health Checks as services. */
@Timeout(60)
class HealthInspectorTest {
    private final ServiceStage stage = new ServiceStage();
    private final HealthInspector inspector = new HealthInspector(stage.bundles(), stage.component());

    @AfterEach
    void stop() {
        inspector.stop();
    }

    private String shown() {
        return new String(ConfWriter.compact(inspector.dump()), StandardCharsets.UTF_8);
    }

    private ServiceReference<?> check(long id, HealthCheck check, Object tags) {
        return stage.add(check, Map.of("service.id", id, "hc.name", "check " + id, "hc.tags", tags));
    }

    @Test
    void whereNobodyHasAnyNothingIsKept() {
        assertEquals("{\"checks\":[]}", shown());
        assertEquals(0, stage.held());
    }

    @ParameterizedTest
    @EnumSource(Result.Status.class)
    void resultsAreOfThreeKinds(Result.Status status) {
        check(1, () -> new Result(status, "because"), new String[] {"ready", "app:a"});
        ServiceStage.await("it has run", () -> !shown().contains("pending"));
        String word = switch (status) {
            case OK -> "ok";
            case WARN -> "degraded";
            default -> "down";
        };
        assertTrue(shown().startsWith("{\"checks\":[{\"name\":\"check 1\",\"tags\":[\"ready\",\"app:a\"],\"status\":\""
            + word + "\""), shown());
        assertEquals(status != Result.Status.OK, shown().contains("because"), shown());
        assertEquals(1, stage.held());
    }

    @Test
    void oneThatTakesItsTimeHoldsUpNobody() throws InterruptedException {
        CountDownLatch end = new CountDownLatch(1);
        check(1, () -> {
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return new Result(Result.Status.OK, "");
        }, "slow");
        ServiceReference<?> other = check(2, () -> {
            throw new IllegalStateException("broken");
        }, "ready");
        ServiceStage.await("the other has run", () -> shown().contains("broken"));
        assertTrue(shown().contains("\"name\":\"check 1\",\"tags\":[\"slow\"],\"status\":\"pending\""), shown());
        end.countDown();
        ServiceStage.await("it has run", () -> shown().contains("\"status\":\"ok\""));
        stage.services.remove(other);
        assertTrue(!shown().contains("check 2"), shown());
    }

    @Test
    void resultsAreKeptForAWhile() {
        AtomicInteger runs = new AtomicInteger();
        stage.add((HealthCheck) () -> new Result(Result.Status.OK, "run " + runs.incrementAndGet()),
            Map.of("service.id", 3L, "hc.resultCacheTtlInMs", 3_600_000L));
        ServiceStage.await("it has run", () -> shown().contains("\"name\":\"3\",\"tags\":[],\"status\":\"ok\""));
        shown();
        shown();
        assertEquals(1, runs.get());
    }
}
