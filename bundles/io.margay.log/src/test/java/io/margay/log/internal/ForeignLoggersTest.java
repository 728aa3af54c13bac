// SPDX-License-Identifier: Apache-2.0
package io.margay.log.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.log.ErrorLog;
import io.margay.log.Level;
import io.netty.util.internal.logging.InternalLogger;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;
import org.osgi.service.log.FormatterLogger;
import org.osgi.service.log.Logger;

/** What other projects log becomes lines of ours. */
class ForeignLoggersTest {

    private static final Exception BROKEN = new IllegalStateException("broken", new RuntimeException("inner"));
    private static final String CAUSES =
        ": java.lang.IllegalStateException: broken: java.lang.RuntimeException: inner";

    private final List<String> written = new ArrayList<>();
    private final ForeignLines lines = new ForeignLines(to(written, Level.INFO));
    private final InternalLogger netty = new NettyLogging(lines).newInstance("io.netty.X");
    private final OsgiLogs osgi = new OsgiLogs(named(Bundle.class), lines);

    private record Case(Runnable event, List<String> expected) {
        static Case of(Runnable event, String... expected) {
            return new Case(event, List.of(expected));
        }
    }

    private static ErrorLog to(List<String> written, Level threshold) {
        return new ErrorLog() {
            @Override
            public void write(Level level, String text) {
                if (writes(level)) {
                    written.add(level.word() + " " + text);
                }
            }

            @Override
            public boolean writes(Level level) {
                return level.compareTo(threshold) <= 0;
            }
        };
    }

    @Test
    void theComponentRuntimeSaysItsStepsOnlyWhenAsked() {
        List<String> all = new ArrayList<>();
        ForeignLines debug = new ForeignLines(to(all, Level.DEBUG));
        Logger steps = new OsgiLogs(named(Bundle.class), debug.withoutDebug()).getLogger("runtime");
        steps.debug("step");
        steps.info("said");
        new OsgiLogs(named(Bundle.class), debug).getLogger("runtime").debug("asked");
        assertFalse(steps.isDebugEnabled());
        assertEquals(List.of("info runtime: said", "debug runtime: asked"), all);
    }

    /** A bundle or a service reference that knows its name only. */
    private static <T> T named(Class<T> type) {
        InvocationHandler handler = (proxy, method, arguments) ->
            method.getName().equals("getSymbolicName") ? "a.bundle" : null;
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    @ParameterizedTest
    @MethodSource("nettyEvents")
    void eventsOfNetty(String level, int form, String expected) {
        log(level, form);
        assertEquals(expected.isEmpty() ? List.of() : List.of(expected), written);
    }

    static List<Object[]> nettyEvents() {
        List<Object[]> rows = new ArrayList<>();
        List<String> texts = List.of("io.netty.X: plain", "io.netty.X: one 1", "io.netty.X: two 1 2",
            "io.netty.X: three 1 2 3", "io.netty.X: cause" + CAUSES);
        for (int form = 0; form < texts.size(); form++) {
            rows.add(new Object[] {"trace", form, ""});
            rows.add(new Object[] {"debug", form, ""});
            rows.add(new Object[] {"info", form, "info " + texts.get(form)});
            rows.add(new Object[] {"warn", form, "warn " + texts.get(form)});
            rows.add(new Object[] {"error", form, "error " + texts.get(form)});
        }
        return rows;
    }

    private void log(String level, int form) {
        try {
            switch (form) {
                case 0 -> InternalLogger.class.getMethod(level, String.class).invoke(netty, "plain");
                case 1 -> InternalLogger.class.getMethod(level, String.class, Object.class).invoke(netty, "one {}", 1);
                case 2 -> InternalLogger.class.getMethod(level, String.class, Object.class, Object.class)
                    .invoke(netty, "two {} {}", 1, 2);
                case 3 -> InternalLogger.class.getMethod(level, String.class, Object[].class)
                    .invoke(netty, "three {} {} {}", new Object[] {1, 2, 3});
                default -> InternalLogger.class.getMethod(level, String.class, Throwable.class)
                    .invoke(netty, "cause", BROKEN);
            }
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @MethodSource("osgiEvents")
    void eventsOfOsgi(Case row) {
        written.clear();
        row.event().run();
        assertEquals(row.expected(), SHARED_WRITTEN);
        SHARED_WRITTEN.clear();
    }

    private static final List<String> SHARED_WRITTEN = new ArrayList<>();

    @SuppressWarnings("deprecation")
    static List<Case> osgiEvents() {
        ForeignLines lines = new ForeignLines(to(SHARED_WRITTEN, Level.INFO));
        OsgiLogs logs = new OsgiLogs(named(Bundle.class), lines);
        Logger braces = logs.getLogger("x");
        FormatterLogger printf = logs.getLogger("x", FormatterLogger.class);
        ServiceReference<?> service = named(ServiceReference.class);
        return List.of(
            Case.of(() -> logs.log(1, "text"), "error a.bundle: text"),
            Case.of(() -> logs.log(2, "text", BROKEN), "warn a.bundle: text" + CAUSES),
            Case.of(() -> logs.log(service, 3, "text"), "info a.bundle: text"),
            Case.of(() -> logs.log(service, 4, "text", BROKEN)),
            Case.of(() -> logs.log(99, "text")),
            Case.of(() -> braces.error("two\nlines\r\nmore\n"), "error x: two;lines; more"),
            Case.of(() -> braces.warn("a {} b", 1), "warn x: a 1 b"),
            Case.of(() -> braces.info("a {} b {} c", 1, 2), "info x: a 1 b 2 c"),
            Case.of(() -> braces.audit("a {} b {} c {}", 1, 2, 3), "notice x: a 1 b 2 c 3"),
            Case.of(() -> braces.error("a {} b {}", 1, BROKEN), "error x: a 1 b {}" + CAUSES),
            Case.of(() -> braces.error("a", BROKEN, service), "error x: a" + CAUSES),
            Case.of(() -> braces.error("a", service, BROKEN), "error x: a" + CAUSES),
            Case.of(() -> braces.error("a {}", 1, 2), "error x: a 1"),
            Case.of(() -> braces.debug("a {}", 1)),
            Case.of(() -> braces.trace("a {}", 1)),
            Case.of(() -> braces.error((String) null), "error x: "),
            Case.of(() -> printf.error("%05d {}", 7), "error x: 00007 {}"),
            Case.of(() -> printf.error("100%"), "error x: 100%"),
            Case.of(() -> braces.warn(logger -> logger.warn("made")), "warn x: made"),
            Case.of(() -> braces.debug(logger -> logger.warn("not made"))));
    }

    @Test
    void onlyTwoTypesOfLoggersExist() {
        assertTrue(osgi.getLogger(ForeignLoggersTest.class).getName().endsWith("ForeignLoggersTest"));
        assertThrows(IllegalArgumentException.class, () -> osgi.getLogger("x", OsgiLogger.class));
    }

    @ParameterizedTest
    @CsvSource({"SEVERE, error", "WARNING, warn", "INFO, info", "CONFIG, ''", "FINE, ''"})
    void eventsOfTheJdk(String level, String word) {
        LogRecord event = new LogRecord(java.util.logging.Level.parse(level), "at {0}");
        event.setLoggerName("jdk.event");
        event.setParameters(new Object[] {"noon"});
        event.setThrown(BROKEN);
        new JdkHandler(lines).publish(event);
        assertEquals(word.isEmpty() ? List.of() : List.of(word + " jdk.event: at noon" + CAUSES), written);
    }

    @Test
    void theStackIsForThoseWhoLookForAFault() {
        ForeignLines all = new ForeignLines(to(written, Level.DEBUG));
        all.write(Level.WARN, "", "text", BROKEN);
        assertEquals("warn text" + CAUSES, written.getFirst());
        assertTrue(written.stream().skip(1).allMatch(line -> line.startsWith("debug ")));
        assertTrue(written.stream().anyMatch(line -> line.contains("ForeignLoggersTest")));
    }

    @Test
    void causesThatFormARingEnd() {
        Exception one = new Exception("one");
        one.initCause(new Exception("two", one));
        lines.write(Level.ERROR, "x", "text", one);
        assertFalse(written.getFirst().length() > 1000);
    }
}
