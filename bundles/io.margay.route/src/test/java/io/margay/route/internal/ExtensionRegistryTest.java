// SPDX-License-Identifier: Apache-2.0
package io.margay.route.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.route.Action;
import io.margay.route.ActionFactory;
import io.margay.route.Extensions;
import io.margay.route.Filter;
import io.margay.route.FilterFactory;
import io.margay.route.Observer;
import io.margay.route.ObserverFactory;
import io.margay.route.RouteCompiler;
import io.margay.route.Section;
import io.margay.route.SectionContext;
import io.margay.route.SectionFactory;
import io.margay.route.TargetFactory;
import io.margay.route.Targets;
import java.lang.reflect.Proxy;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;

/** Services of extensions that come and go. */
class ExtensionRegistryTest {
    private final ExtensionRegistry registry = new ExtensionRegistry();

    /** A reference with an id, of a bundle with a name. */
    @SuppressWarnings("unchecked")
    private static <T> ServiceReference<T> reference(long id, String name) {
        ClassLoader loader = ExtensionRegistryTest.class.getClassLoader();
        Bundle bundle = (Bundle) Proxy.newProxyInstance(loader, new Class<?>[] {Bundle.class},
            (proxy, method, arguments) -> method.getName().equals("getSymbolicName") ? name : null);
        return (ServiceReference<T>) Proxy.newProxyInstance(loader, new Class<?>[] {ServiceReference.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "getProperty" -> Constants.SERVICE_ID.equals(arguments[0]) ? id : null;
                case "getBundle" -> bundle;
                default -> null;
            });
    }

    private record Named(String name) implements ActionFactory {
        @Override
        public String option() {
            return name;
        }

        @Override
        public Set<String> options() {
            return Set.of(name);
        }

        @Override
        public Action compile(ConfObject action, RouteCompiler compiler) {
            return exchange -> exchange.fail(404);
        }
    }

    private static final FilterFactory FILTER = new FilterFactory() {
        @Override
        public String option() {
            return "f";
        }

        @Override
        public int order() {
            return 1;
        }

        @Override
        public Filter compile(Conf value, RouteCompiler compiler) {
            return new Filter() { };
        }
    };

    private static final TargetFactory TARGET = new TargetFactory() {
        @Override
        public String kind() {
            return "t";
        }

        @Override
        public Targets compile(SectionContext context) {
            return (name, target) -> Optional.empty();
        }
    };

    private static final SectionFactory SECTION = new SectionFactory() {
        @Override
        public String pointer() {
            return "/s";
        }

        @Override
        public Section compile(Optional<Conf> value, SectionContext context) {
            return Section.NONE;
        }
    };

    private static final ObserverFactory OBSERVER = new ObserverFactory() {
        @Override
        public String pointer() {
            return "/o";
        }

        @Override
        public Optional<Observer> compile(Optional<Conf> value, SectionContext context) {
            return Optional.empty();
        }
    };

    @Test
    void eachKindOfServiceIsCollected() {
        assertSame(Extensions.NONE, registry.current());
        registry.addAction(reference(1, "a"), new Named("x"));
        registry.addFilter(reference(2, "b"), FILTER);
        registry.addTarget(reference(3, "c"), TARGET);
        registry.addSection(reference(4, "d"), SECTION);
        registry.addObserver(reference(5, "e"), OBSERVER);
        assertEquals(Set.of("action:x", "filter:f", "target:t", "section:/s", "section:/o"),
            registry.current().readers());
        registry.removeFilter(reference(2, "b"));
        registry.removeTarget(reference(3, "c"));
        assertEquals(Set.of("action:x", "section:/s", "section:/o"), registry.current().readers());
        registry.removeAction(reference(1, "a"));
        registry.removeSection(reference(4, "d"));
        registry.removeObserver(reference(5, "e"));
        assertEquals(Set.of(), registry.current().readers());
    }

    @Test
    void aSnapshotIsTheSameUntilSomethingChanges() {
        registry.addAction(reference(1, "a"), new Named("x"));
        Extensions first = registry.current();
        assertSame(first, registry.current());
        registry.addAction(reference(2, "b"), new Named("y"));
        Extensions second = registry.current();
        assertNotSame(first, second);
        assertEquals(Set.of("action:x"), first.readers(), "what was taken stays as it is");
        assertEquals(Set.of("action:x", "action:y"), second.readers());
    }

    /** Whatever the order in which they are heard of, the older service has the name. */
    @Test
    void theOlderServiceHasTheName() {
        registry.addAction(reference(9, "young"), new Named("x"));
        registry.addAction(reference(3, "old"), new Named("x"));
        assertEquals(List.of(new Extensions.Refused("young",
            "is not used: the action \"x\" is that of the bundle old")),
            registry.current().refused());
        registry.removeAction(reference(3, "old"));
        assertEquals(List.of(), registry.current().refused());
        assertEquals(Set.of("action:x"), registry.current().readers());
    }

    @Test
    void listenersHearOfEachChangeUntilTheyEnd() throws Exception {
        AtomicInteger heard = new AtomicInteger();
        AutoCloseable listening = registry.onChange(heard::incrementAndGet);
        registry.addAction(reference(1, "a"), new Named("x"));
        assertEquals(1, heard.get());
        registry.removeAction(reference(1, "a"));
        assertEquals(2, heard.get());
        listening.close();
        registry.addAction(reference(1, "a"), new Named("x"));
        assertEquals(2, heard.get());
    }

    /** A listener that asks at once gets what there is then, not what was. */
    @Test
    void aListenerSeesTheChange() {
        registry.current();
        Set<String> seen = new HashSet<>();
        registry.onChange(() -> {
            seen.clear();
            seen.addAll(registry.current().readers());
        });
        registry.addAction(reference(1, "a"), new Named("x"));
        assertEquals(Set.of("action:x"), seen);
        registry.removeAction(reference(1, "a"));
        assertEquals(Set.of(), seen);
    }

    @Test
    void servicesMayComeOnManyThreads() throws InterruptedException {
        int threads = 4;
        int each = 100;
        CountDownLatch done = new CountDownLatch(threads);
        AtomicInteger heard = new AtomicInteger();
        registry.onChange(heard::incrementAndGet);
        for (int t = 0; t < threads; t++) {
            int first = t * each;
            Thread.ofPlatform().start(() -> {
                for (int i = first; i < first + each; i++) {
                    registry.addAction(reference(i, "b" + i), new Named("n" + i));
                    registry.current();
                    if (i % 2 == 0) {
                        registry.removeAction(reference(i, "b" + i));
                    }
                }
                done.countDown();
            });
        }
        assertTrue(done.await(60, TimeUnit.SECONDS));
        assertEquals(threads * each / 2, registry.current().readers().size());
        assertEquals(threads * each * 3 / 2, heard.get());
    }
}
