// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.process.ProcessContext;
import io.margay.process.ProcessKind;
import io.margay.process.ProcessType;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LauncherTest {
    private final List<String> events = new ArrayList<>();

    /** A context of which only what the launcher needs answers. */
    private ProcessContext context(boolean training) {
        return (ProcessContext) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {ProcessContext.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "kind" -> "router";
                case "training" -> training;
                case "failed" -> {
                    events.add("failed: " + ((Throwable) arguments[0]).getMessage());
                    yield null;
                }
                default -> throw new UnsupportedOperationException(method.getName());
            });
    }

    private ProcessKind kind(String name, boolean fails) {
        ProcessType type = ProcessType.parse(("{\"name\": \"" + name + "\", \"number\": 3, \"title\": \"" + name
            + "\"}").getBytes(StandardCharsets.US_ASCII));
        return new ProcessKind() {
            @Override
            public ProcessType type() {
                return type;
            }

            @Override
            public void start(ProcessContext given) {
                events.add("start " + name);
                if (fails) {
                    throw new IllegalStateException("no luck");
                }
            }

            @Override
            public void stop() {
                events.add("stop " + name);
            }
        };
    }

    @Test
    void onlyTheKindOfThisProcessRuns() {
        Launcher launcher = new Launcher(context(false));
        ProcessKind other = kind("main", false);
        ProcessKind mine = kind("router", false);
        ProcessKind second = kind("router", false);
        launcher.bind(other);
        launcher.bind(mine);
        launcher.bind(second);
        launcher.unbind(other);
        launcher.unbind(second);
        assertEquals(List.of("start router"), events);
        launcher.unbind(mine);
        launcher.unbind(mine);
        assertEquals(List.of("start router", "stop router"), events);
    }

    @Test
    void aFailureIsToldToTheContext() {
        new Launcher(context(false)).bind(kind("router", true));
        assertEquals(List.of("start router", "failed: no luck"), events);
    }

    @Test
    void aTrainingRunStartsNothing() {
        new Launcher(context(true)).bind(kind("router", false));
        assertEquals(List.of(), events);
    }
}
