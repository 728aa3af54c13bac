// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.http.ExchangeHandler;
import io.margay.http.HttpBinding;
import io.margay.http.HttpLoop;
import io.margay.http.HttpLoops;
import io.margay.http.HttpSettings;
import io.margay.route.SettingsReader;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The loops that serve, as bundles see them. On the control loop. */
final class ServingLoops implements HttpLoops {

    private final RouterParts parts;
    private final Supplier<Configuration> current;

    ServingLoops(RouterParts parts, Supplier<Configuration> current) {
        this.parts = parts;
        this.current = current;
    }

    @Override
    public AutoCloseable each(Consumer<HttpLoop> action) {
        return parts.loops().each(action)::run;
    }

    @Override
    public int count() {
        return parts.loops().http().size();
    }

    @Override
    public HttpBinding binding(ExchangeHandler handler) {
        Configuration now = current.get();
        HttpSettings settings = now.order().map(order -> SettingsReader.read(order.conf(), parts.temporaryDirectory()))
            .orElse(HttpSettings.DEFAULTS);
        return new HttpBinding(settings, handler, now.generation(), false);
    }
}
