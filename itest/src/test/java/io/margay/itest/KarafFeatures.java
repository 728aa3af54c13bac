// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/**
 * What {@code feature:install} and {@code feature:uninstall} do, as a bundle for the folder {@code deploy}: Karaf's
 * console does not run on a Java of today. The bundle's headers say what to do, and it writes how that ended.
 */
public final class KarafFeatures implements BundleActivator {
    /** The header with the name of a method of Karaf's service, a feature and a file, with spaces between. */
    static final String HEADER = "Test-Features";

    @Override
    public void start(BundleContext context) {
        String[] order = context.getBundle().getHeaders().get(HEADER).split(" ");
        // Beside the thread that starts bundles, which the service needs.
        CompletableFuture.runAsync(() -> {
            String end = "done";
            try {
                var reference = context.getServiceReference("org.apache.karaf.features.FeaturesService");
                reference.getBundle().loadClass("org.apache.karaf.features.FeaturesService")
                    .getMethod(order[0], String.class).invoke(context.getService(reference), order[1]);
            } catch (ReflectiveOperationException | RuntimeException e) {
                end = e + " " + e.getCause();
            }
            try {
                Files.writeString(Path.of(order[2]), end);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @Override
    public void stop(BundleContext context) {
        // What it has ordered is done by others.
    }
}
