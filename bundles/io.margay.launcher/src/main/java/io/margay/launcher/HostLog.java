// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.log.LogService;

/**
 * Tells who runs a foreign container what concerns them: by its log service, or on standard error where there is none.
 * The log of the server itself need not be open yet.
 */
final class HostLog {
    private final BundleContext context;

    HostLog(BundleContext context) {
        this.context = context;
    }

    void error(String text) {
        tell("ERROR", text);
    }

    void warn(String text) {
        tell("WARN", text);
    }

    private void tell(String level, String text) {
        String line = Guest.PID + ": " + text;
        if (!service(level, line)) {
            System.err.println(level + ": " + line);
        }
    }

    private boolean service(String level, String line) {
        try {
            ServiceReference<LogService> reference = context.getServiceReference(LogService.class);
            LogService service = reference == null ? null : context.getService(reference);
            if (service == null) {
                return false;
            }
            if (level.equals("ERROR")) {
                service.getLogger(HostLog.class).error(line);
            } else {
                service.getLogger(HostLog.class).warn(line);
            }
            context.ungetService(reference);
            return true;
        } catch (NoClassDefFoundError | IllegalStateException e) {
            // No package of that name is here, or this bundle is stopping.
            return false;
        }
    }
}
