// SPDX-License-Identifier: Apache-2.0
package io.margay.status.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.status.AskedInspector;
import io.margay.status.Inspector;
import io.margay.status.Inspectors;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * Asks the inspectors among the services. They are looked up when somebody asks and given back afterwards, so that
 * nobody who never asks has one made.
 */
@Component
public final class ServiceInspectors implements Inspectors {

    private final BundleContext context;

    /** Looks up nothing yet. */
    @Activate
    public ServiceInspectors(BundleContext context) {
        this.context = context;
    }

    @Override
    public List<String> names() {
        return references().stream().map(reference -> use(reference, Inspector::name)).flatMap(Optional::stream)
            .distinct().sorted().toList();
    }

    @Override
    public Optional<Conf> dump(String name) {
        return references().stream()
            .map(reference -> use(reference, inspector -> inspector.name().equals(name) ? show(inspector) : null))
            .flatMap(Optional::stream).findFirst();
    }

    @Override
    public Optional<Conf> answer(String name, String question) {
        return references().stream().map(reference -> use(reference, inspector -> inspector.name().equals(name)
                && inspector instanceof AskedInspector asked ? answer(asked, question) : null))
            .flatMap(Optional::stream).findFirst();
    }

    private static Conf answer(AskedInspector inspector, String question) {
        try {
            return inspector.answer(question);
        } catch (IllegalArgumentException e) {
            return ConfObject.builder().put("error", String.valueOf(e.getMessage())).build();
        } catch (RuntimeException | LinkageError e) {
            return ConfObject.builder().put("error", String.valueOf(e)).build();
        }
    }

    private List<ServiceReference<?>> references() {
        try {
            // Without the framework's question whether they fit, which fails when a bundle goes in the middle of it.
            ServiceReference<?>[] found = context.getAllServiceReferences(Inspector.class.getName(), null);
            // The highest ranking first, among equals the oldest.
            return found == null ? List.of()
                : Stream.<ServiceReference<?>>of(found).sorted((one, other) -> other.compareTo(one)).toList();
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private <T> Optional<T> use(ServiceReference<?> reference, Question<T> question) {
        if (!(context.getService(reference) instanceof Inspector inspector)) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(question.ask(inspector));
        } finally {
            context.ungetService(reference);
        }
    }

    private static Conf show(Inspector inspector) {
        try {
            return inspector.dump();
        } catch (RuntimeException | LinkageError e) {
            return ConfObject.builder().put("error", String.valueOf(e)).build();
        }
    }

    /** What is asked of an inspector; null is no answer. */
    @FunctionalInterface
    private interface Question<T> {
        T ask(Inspector inspector);
    }
}
