// SPDX-License-Identifier: Apache-2.0
package io.margay.log.internal;

import io.margay.log.Level;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;
import org.osgi.service.log.FormatterLogger;
import org.osgi.service.log.LogService;
import org.osgi.service.log.Logger;

/** OSGi's log service for one bundle: what the framework, the component runtime and foreign bundles report. */
@SuppressWarnings("deprecation")
final class OsgiLogs implements LogService {

    private final String bundle;
    private final ForeignLines lines;

    OsgiLogs(Bundle bundle, ForeignLines lines) {
        this.bundle = bundle.getSymbolicName();
        this.lines = lines;
    }

    @Override
    public Logger getLogger(String name) {
        return new OsgiLogger(name, false, lines);
    }

    @Override
    public Logger getLogger(Class<?> type) {
        return getLogger(type.getName());
    }

    @Override
    public <L extends Logger> L getLogger(String name, Class<L> type) {
        if (type != Logger.class && type != FormatterLogger.class) {
            throw new IllegalArgumentException(type.getName() + " is no type of loggers");
        }
        return type.cast(new OsgiLogger(name, type == FormatterLogger.class, lines));
    }

    @Override
    public <L extends Logger> L getLogger(Class<?> named, Class<L> type) {
        return getLogger(named.getName(), type);
    }

    @Override
    public <L extends Logger> L getLogger(Bundle ignored, String name, Class<L> type) {
        return getLogger(name, type);
    }

    @Override
    public void log(int level, String message) {
        log(null, level, message, null);
    }

    @Override
    public void log(int level, String message, Throwable exception) {
        log(null, level, message, exception);
    }

    @Override
    public void log(ServiceReference<?> service, int level, String message) {
        log(service, level, message, null);
    }

    @Override
    public void log(ServiceReference<?> service, int level, String message, Throwable exception) {
        lines.write(switch (level) {
            case LOG_ERROR -> Level.ERROR;
            case LOG_WARNING -> Level.WARN;
            case LOG_INFO -> Level.INFO;
            default -> Level.DEBUG;
        }, bundle == null ? "" : bundle, message, exception);
    }
}
