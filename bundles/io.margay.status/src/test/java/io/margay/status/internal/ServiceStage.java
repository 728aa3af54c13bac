// SPDX-License-Identifier: Apache-2.0
package io.margay.status.internal;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.ComponentContext;

/** A framework of some services, without a framework. */
final class ServiceStage {
    final Map<ServiceReference<?>, Object> services = new ConcurrentHashMap<>();
    /** How often the component under test is held. */
    private int held;
    private final ServiceReference<?> self = reference(Map.of("service.id", 0L));

    /** Waits until something is so. */
    static void await(String what, BooleanSupplier holds) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain: " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    /** A service of health checks. */
    ServiceReference<?> add(Object service, Map<String, Object> properties) {
        ServiceReference<?> reference = reference(properties);
        services.put(reference, service);
        return reference;
    }

    private static ServiceReference<?> reference(Map<String, Object> properties) {
        return (ServiceReference<?>) Proxy.newProxyInstance(ServiceStage.class.getClassLoader(),
            new Class<?>[] {ServiceReference.class}, (proxy, method, arguments) -> switch (method.getName()) {
                case "getProperty" -> properties.get(arguments[0]);
                case "hashCode" -> System.identityHashCode(proxy);
                case "equals" -> proxy == arguments[0];
                case "compareTo" -> Long.compare((long) properties.get("service.id"),
                    (long) ((ServiceReference<?>) arguments[0]).getProperty("service.id"));
                default -> throw new UnsupportedOperationException(method.getName());
            });
    }

    BundleContext bundles() {
        return (BundleContext) Proxy.newProxyInstance(ServiceStage.class.getClassLoader(),
            new Class<?>[] {BundleContext.class}, (proxy, method, arguments) -> switch (method.getName()) {
                case "getAllServiceReferences" -> services.isEmpty() ? null
                    : services.keySet().toArray(ServiceReference<?>[]::new);
                case "getServiceReferences" -> List.of();
                case "getService" -> got(arguments[0]);
                case "ungetService" -> ungot(arguments[0]);
                default -> throw new UnsupportedOperationException(method.getName());
            });
    }

    private synchronized Object got(Object reference) {
        held += reference == self ? 1 : 0;
        return services.get(reference);
    }

    private synchronized boolean ungot(Object reference) {
        held -= reference == self ? 1 : 0;
        return true;
    }

    /** How often the component keeps itself. */
    synchronized int held() {
        return held;
    }

    ComponentContext component() {
        return (ComponentContext) Proxy.newProxyInstance(ServiceStage.class.getClassLoader(),
            new Class<?>[] {ComponentContext.class}, (proxy, method, arguments) -> self);
    }
}
