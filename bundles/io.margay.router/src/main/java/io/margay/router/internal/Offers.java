// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/**
 * The services of a type, while bundles come and go on other threads. The framework's own question whether a service
 * fits its asker fails when the bundle of any one is uninstalled in the middle of it, so it is left out here and the
 * type of the object decides.
 */
final class Offers {
    private Offers() {
    }

    /** In the order in which they were registered; some may have gone already. */
    @SuppressWarnings("unchecked") // get() looks at the object
    static <T> List<ServiceReference<T>> of(BundleContext context, Class<T> type) {
        try {
            ServiceReference<?>[] found = context.getAllServiceReferences(type.getName(), null);
            return found == null ? List.of() : Stream.of(found)
                .map(reference -> (ServiceReference<T>) reference)
                .sorted(Comparator.comparing(reference -> (Long) reference.getProperty(Constants.SERVICE_ID)))
                .toList();
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The services themselves, without those that cannot be made or have gone. */
    static <T> List<T> all(BundleContext context, Class<T> type) {
        return of(context, type).stream().map(reference -> get(context, type, reference)).filter(Objects::nonNull)
            .toList();
    }

    /** The service, or null if it cannot be made, has gone or is of another bundle's class of that name. */
    static <T> T get(BundleContext context, Class<T> type, ServiceReference<T> reference) {
        Object service = context.getService(reference);
        return type.isInstance(service) ? type.cast(service) : null;
    }
}
