// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.process.ProcessContext;
import io.margay.process.ProcessKind;
import io.margay.process.ProcessType;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

class LauncherTest {
    private final List<String> events = new ArrayList<>();
    private final Map<Object, ProcessKind> offered = new HashMap<>();
    private int held;

    /** A context of which only what the launcher needs answers. */
    private ProcessContext context() {
        return (ProcessContext) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {ProcessContext.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "kind" -> "router";
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

    /** A reference as a component's: without a name, or with the one that its bundle says. */
    @SuppressWarnings("unchecked")
    private ServiceReference<ProcessKind> offer(ProcessKind kind, String name) {
        ServiceReference<ProcessKind> reference = (ServiceReference<ProcessKind>) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {ServiceReference.class}, (proxy, method, arguments) ->
                switch (method.getName()) {
                    case "getProperty" -> name;
                    case "equals" -> proxy == arguments[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    default -> throw new UnsupportedOperationException(method.getName());
                });
        offered.put(reference, kind);
        return reference;
    }

    private BundleContext bundles() {
        return (BundleContext) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {BundleContext.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "getService" -> {
                    held++;
                    yield offered.get(arguments[0]);
                }
                case "ungetService" -> {
                    held--;
                    yield true;
                }
                default -> throw new UnsupportedOperationException(method.getName());
            });
    }

    private Launcher launcher() {
        return new Launcher(bundles(), context());
    }

    @Test
    void whatSaysThatItIsAnotherKindIsNotMade() {
        launcher().bind(offer(null, "main"));
        assertEquals(0, held);
        assertEquals(List.of(), events);
    }

    @Test
    void onlyTheKindOfThisProcessRuns() {
        Launcher launcher = launcher();
        ServiceReference<ProcessKind> other = offer(kind("main", false), null);
        ServiceReference<ProcessKind> mine = offer(kind("router", false), "router");
        ServiceReference<ProcessKind> second = offer(kind("router", false), null);
        launcher.bind(other);
        launcher.bind(mine);
        launcher.bind(second);
        launcher.unbind(other);
        launcher.unbind(second);
        assertEquals(List.of("start router"), events);
        launcher.unbind(mine);
        launcher.unbind(mine);
        assertEquals(List.of("start router", "stop router"), events);
        assertEquals(0, held, "every service is given back");
    }

    @Test
    void aFailureIsToldToTheContext() {
        launcher().bind(offer(kind("router", true), null));
        assertEquals(List.of("start router", "failed: no luck"), events);
    }
}
