// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.engine.EventLoop;
import io.margay.port.PayloadException;
import io.margay.status.Handover;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a router tells the next one, and when which of them acts. */
class HandoversTest {
    private final List<String> sent = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();
    private final Deque<Runnable> timers = new ArrayDeque<>();
    private final List<Handover> services = new ArrayList<>();
    private final EventLoop control = (EventLoop) Proxy.newProxyInstance(EventLoop.class.getClassLoader(),
        new Class<?>[] {EventLoop.class}, (self, method, arguments) -> {
            timers.add((Runnable) arguments[1]);
            return null;
        });

    private static final class Told implements Handover {
        private final String name;
        private final Deque<Conf> left = new ArrayDeque<>();
        private final List<Conf> taken = new ArrayList<>();

        Told(String name, Conf... values) {
            this.name = name;
            left.addAll(List.of(values));
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Optional<Conf> give() {
            return Optional.ofNullable(left.poll());
        }

        @Override
        public void take(Conf given) {
            if (given.equals(Conf.of("bad"))) {
                throw new IllegalArgumentException("no");
            }
            taken.add(given);
        }
    }

    private Handovers router(Collection<Integer> before) {
        return new Handovers(control, () -> services, bytes -> sent.add(new String(bytes, StandardCharsets.UTF_8)),
            (level, text) -> lines.add(text), before);
    }

    @Test
    void whatIsToldIsAskedForAgainUntilTheEnd() {
        services.add(new Told("a", Conf.of(1), Conf.of(2), Conf.of(3)));
        services.add(new Told("b", Conf.of("x")));
        services.add(new Told("a", Conf.of(9)));
        Handovers old = router(List.of());
        old.last();
        assertEquals(List.of(), sent, "nobody has come");
        assertTrue(old.isOurs());
        old.give();
        assertFalse(old.isOurs());
        timers.remove().run();
        old.last();
        timers.remove().run();
        assertEquals(List.of("{\"place\":true,\"told\":{\"a\":1,\"b\":\"x\"}}",
            "{\"place\":false,\"told\":{\"a\":2}}", "{\"place\":false,\"told\":{\"a\":3}}"), sent);
        assertEquals(1, timers.size(), "as long as it lives");
    }

    @Test
    void thePlaceIsGivenUpAlsoWhenThereIsNothingToTell() {
        router(List.of()).give();
        assertEquals(List.of("{\"place\":true,\"told\":{}}"), sent);
    }

    @Test
    void theNextOneActsWhenThePlaceWasGivenUp() {
        Told told = new Told("a");
        services.add(told);
        Handovers next = router(List.of(7, 8));
        assertFalse(next.isOurs());
        next.take("{\"place\":false,\"told\":{\"a\":1,\"unknown\":2}}".getBytes(StandardCharsets.UTF_8));
        assertFalse(next.isOurs(), "one that was replaced before tells more");
        next.take("{\"place\":true,\"told\":{\"a\":2}}".getBytes(StandardCharsets.UTF_8));
        assertTrue(next.isOurs());
        assertEquals(List.of(Conf.of(1), Conf.of(2)), told.taken);
        next.give();
        assertFalse(next.isOurs());
    }

    @Test
    void theNextOneActsWhenTheOthersAreGone() {
        Handovers next = router(List.of(7, 8));
        next.left(7);
        next.left(9);
        assertFalse(next.isOurs());
        next.left(8);
        assertTrue(next.isOurs());
    }

    @Test
    void whatCannotBeReadHarmsNobody() {
        Told told = new Told("a");
        services.add(told);
        services.add(new Told("b"));
        Handovers next = router(List.of(7));
        assertThrows(PayloadException.class, () -> next.take(new byte[] {'{'}));
        next.take("[]".getBytes(StandardCharsets.UTF_8));
        assertFalse(next.isOurs());
        next.take("{\"place\":true,\"told\":{\"b\":\"bad\",\"a\":1}}".getBytes(StandardCharsets.UTF_8));
        assertTrue(next.isOurs());
        assertEquals(List.of(Conf.of(1)), told.taken);
        assertEquals(1, lines.size(), lines::toString);
    }
}
