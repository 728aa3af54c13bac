// SPDX-License-Identifier: Apache-2.0
package io.margay.log.internal;

import io.margay.log.ErrorLog;
import io.netty.util.internal.logging.InternalLoggerFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.LogService;
import org.osgi.service.log.LoggerFactory;

/**
 * Makes one log of all: OSGi's log service, Netty's loggers and those of the JDK write to ours, so that every line has
 * its form. Only where the framework property {@value #PROPERTY} is true, that is in a process of our own: what a
 * foreign container logs is not ours to take.
 */
@Component(service = Takeover.class, immediate = true)
public final class Takeover {

    /** The framework property that allows it. */
    public static final String PROPERTY = "margay.log.takeover";

    /** The component runtime's own level; with a log service it says all that the service takes. */
    private static final String COMPONENTS_LEVEL = "ds.loglevel";
    private static final String COMPONENTS = "org.apache.felix.scr";

    private final ServiceRegistration<?> service;

    /** Takes over. */
    @Activate
    public Takeover(@Reference ErrorLog log, BundleContext context) {
        if (Boolean.parseBoolean(context.getProperty(PROPERTY))) {
            ForeignLines lines = new ForeignLines(log);
            netty(lines);
            jdk(lines);
            service = context.registerService(new String[] {LogService.class.getName(), LoggerFactory.class.getName()},
                new Loggers(lines, "debug".equalsIgnoreCase(context.getProperty(COMPONENTS_LEVEL))), null);
        } else {
            service = null;
        }
    }

    /** Takes the service away; the loggers of Netty and the JDK, which last as long as the JVM, stay. */
    @Deactivate
    void stop() {
        if (service != null) {
            service.unregister();
        }
    }

    private static void netty(ForeignLines lines) {
        try {
            InternalLoggerFactory.setDefaultFactory(new NettyLogging(lines));
        } catch (NoClassDefFoundError e) {
            // A process without Netty has no loggers of it.
            return;
        }
    }

    private static void jdk(ForeignLines lines) {
        if (Takeover.class.getClassLoader() == ClassLoader.getSystemClassLoader()) {
            System.setProperty(JdkLogging.PROPERTY, JdkLogging.class.getName());
        } else {
            JdkHandler.install(lines);
        }
    }

    /**
     * One service object for each bundle that asks.
     *
     * @param components whether the component runtime says each of its steps
     */
    private record Loggers(ForeignLines lines, boolean components) implements ServiceFactory<Object> {

        @Override
        public Object getService(Bundle bundle, ServiceRegistration<Object> registration) {
            boolean quiet = !components && COMPONENTS.equals(bundle.getSymbolicName());
            return new OsgiLogs(bundle, quiet ? lines.withoutDebug() : lines);
        }

        @Override
        public void ungetService(Bundle bundle, ServiceRegistration<Object> registration, Object service) {
            // It holds nothing.
        }
    }
}
