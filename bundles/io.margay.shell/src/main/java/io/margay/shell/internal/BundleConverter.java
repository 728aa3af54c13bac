// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import java.util.Optional;
import java.util.stream.Stream;
import org.apache.felix.service.command.Converter;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Finds the bundle that somebody means, by its number or symbolic name: the stock commands take bundles only. */
@Component(service = Converter.class, property = Converter.CONVERTER_CLASSES + "=org.osgi.framework.Bundle")
public final class BundleConverter implements Converter {
    private final BundleContext context;

    /** Takes the framework. */
    @Activate
    public BundleConverter(BundleContext context) {
        this.context = context;
    }

    @Override
    public Object convert(Class<?> wanted, Object value) {
        if (wanted != Bundle.class || !(value instanceof CharSequence) && !(value instanceof Number)) {
            return null;
        }
        String text = value.toString();
        Optional<Bundle> found = text.matches("[0-9]{1,9}") ? Optional.ofNullable(context.getBundle(
            Long.parseLong(text))) : Stream.of(context.getBundles()).filter(bundle ->
                text.equals(bundle.getSymbolicName())).findFirst();
        return found.orElse(null);
    }

    /** Bundles are shown as they show themselves. */
    @Override
    public CharSequence format(Object target, int level, Converter next) {
        return target instanceof Bundle bundle ? bundle.getBundleId() + " " + bundle.getSymbolicName() + " "
            + bundle.getVersion() : null;
    }
}
