// SPDX-License-Identifier: Apache-2.0
package io.margay.status.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** One Felix Health Check and what it has found. Safe for all threads; only {@link #run} takes time. */
final class CheckRun implements Runnable {

    /** The service interface. */
    static final String INTERFACE = "org.apache.felix.hc.api.HealthCheck";

    private static final long CACHE_MILLIS = 2000;
    private static final long LONGEST_MILLIS = 10_000;
    private static final int MOST_TEXT = 1000;

    private final BundleContext bundles;
    private final ServiceReference<?> reference;
    private String status = "pending";
    private String message = "";
    private boolean running;
    private long at;

    CheckRun(BundleContext bundles, ServiceReference<?> reference) {
        this.bundles = bundles;
        this.reference = reference;
    }

    /** Has it run, unless it does or has just done. */
    synchronized void refresh(Executor executor) {
        long age = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - at);
        if (running) {
            if (age > LONGEST_MILLIS) {
                status = "down";
                message = "the check does not end";
            }
        } else if (at == 0 || age > cacheMillis()) {
            running = true;
            at = System.nanoTime();
            executor.execute(this);
        }
    }

    private long cacheMillis() {
        return reference.getProperty("hc.resultCacheTtlInMs") instanceof Number millis ? millis.longValue()
            : CACHE_MILLIS;
    }

    @Override
    public void run() {
        String found;
        String told;
        try {
            Object result = executed();
            Object verdict = method(result, "getStatus");
            found = switch (String.valueOf(verdict)) {
                case "OK" -> "ok";
                case "WARN" -> "degraded";
                default -> "down";
            };
            told = found.equals("ok") ? "" : text(result);
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            found = "down";
            told = "the check failed: " + (e instanceof InvocationTargetException && e.getCause() != null ? e.getCause()
                : e);
        }
        synchronized (this) {
            status = found;
            message = told.length() > MOST_TEXT ? told.substring(0, MOST_TEXT) : told;
            running = false;
            at = System.nanoTime();
        }
    }

    private Object executed() throws ReflectiveOperationException {
        Object check = bundles.getService(reference);
        if (check == null) {
            throw new IllegalStateException("the service has gone");
        }
        try {
            return contract(check.getClass()).getMethod("execute").invoke(check);
        } finally {
            bundles.ungetService(reference);
        }
    }

    /** The interface as the bundle of the check knows it: its class may be hidden. */
    private static Class<?> contract(Class<?> type) throws ClassNotFoundException {
        for (Class<?> each = type; each != null; each = each.getSuperclass()) {
            for (Class<?> contract : each.getInterfaces()) {
                if (contract.getName().equals(INTERFACE)) {
                    return contract;
                }
            }
        }
        return Class.forName(INTERFACE, false, type.getClassLoader());
    }

    private static Object method(Object result, String name) throws ReflectiveOperationException {
        return result.getClass().getMethod(name).invoke(result);
    }

    private static String text(Object result) {
        List<String> lines = new ArrayList<>();
        if (result instanceof Iterable<?> entries) {
            entries.forEach(entry -> lines.add(String.valueOf(entry)));
        }
        return String.join("; ", lines);
    }

    /** What there is of it so far. */
    synchronized Conf toConf() {
        Object name = reference.getProperty("hc.name");
        ConfObject.Builder told = ConfObject.builder()
            .put("name", name instanceof String text ? text : String.valueOf(reference.getProperty("service.id")))
            .put("tags", new ConfArray(tags(reference.getProperty("hc.tags")))).put("status", status);
        return message.isEmpty() ? told.build() : told.put("message", message).build();
    }

    private static List<Conf> tags(Object property) {
        List<Conf> tags = new ArrayList<>();
        for (Object tag : property instanceof Object[] all ? all : property == null ? new Object[0]
            : new Object[] {property}) {
            tags.add(Conf.of(String.valueOf(tag)));
        }
        return tags;
    }
}
