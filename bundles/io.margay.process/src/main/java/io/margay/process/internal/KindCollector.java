// SPDX-License-Identifier: Apache-2.0
package io.margay.process.internal;

import io.margay.process.ProcessKind;
import io.margay.process.ProcessKindCollector;
import io.margay.process.ProcessKinds;
import io.margay.process.ProcessType;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Reads kinds from services and from the headers of bundles, in the order of the bundles. */
@Component
public final class KindCollector implements ProcessKindCollector {

    private final BundleContext context;

    /** Looks at nothing yet. */
    @Activate
    public KindCollector(BundleContext context) {
        this.context = context;
    }

    @Override
    public ProcessKinds freeze(Consumer<String> refused) {
        List<ProcessKinds.Claim> claims = new ArrayList<>();
        Bundle[] bundles = context.getBundles();
        Arrays.sort(bundles, Comparator.comparingLong(Bundle::getBundleId));
        Collection<ServiceReference<ProcessKind>> now = services();
        for (Bundle bundle : bundles) {
            header(bundle, claims, refused);
            now.stream().filter(reference -> bundle.equals(reference.getBundle()) && !said(reference, claims)).sorted()
                .forEach(reference -> service(bundle, reference, claims, refused));
        }
        return ProcessKinds.collect(claims, refused);
    }

    /** What a bundle's header has said already, its service need not be made for. */
    private static boolean said(ServiceReference<ProcessKind> reference, List<ProcessKinds.Claim> claims) {
        return reference.getProperty(ProcessKind.NAME) instanceof String name && claims.stream().anyMatch(claim ->
            claim.type().is(name) && claim.origin().equals(reference.getBundle().getSymbolicName()));
    }

    /** Asked for once, since the table is frozen then. */
    private Collection<ServiceReference<ProcessKind>> services() {
        try {
            return context.getServiceReferences(ProcessKind.class, null);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void header(Bundle bundle, List<ProcessKinds.Claim> claims, Consumer<String> refused) {
        String path = bundle.getHeaders("").get(ProcessKind.HEADER);
        if (path == null) {
            return;
        }
        URL file = bundle.getEntry(path);
        if (file == null) {
            refused.accept("bundle " + bundle.getSymbolicName() + " has no \"" + path + "\"");
            return;
        }
        try (InputStream in = file.openStream()) {
            claims.add(new ProcessKinds.Claim(ProcessType.parse(in.readAllBytes()), bundle.getSymbolicName()));
        } catch (IOException | IllegalArgumentException e) {
            refused.accept("\"" + path + "\" of bundle " + bundle.getSymbolicName() + ": " + e.getMessage());
        }
    }

    private void service(Bundle bundle, ServiceReference<ProcessKind> reference, List<ProcessKinds.Claim> claims,
            Consumer<String> refused) {
        try {
            ProcessKind kind = context.getService(reference);
            if (kind != null) {
                claims.add(new ProcessKinds.Claim(kind.type(), bundle.getSymbolicName()));
                context.ungetService(reference);
            }
        } catch (RuntimeException e) {
            refused.accept("a process type of bundle " + bundle.getSymbolicName() + " is refused: " + e);
        }
    }
}
