// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.certificate.CertificateBundle;
import io.margay.certificate.CertificateSource;
import io.margay.certificate.TrustBundle;
import io.margay.engine.EventEngine;
import io.margay.engine.EventLoops;
import io.netty.channel.EventLoop;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.osgi.framework.BundleContext;

/** What upstreams need of the process that they are in, and which of them are in force there. */
final class UpstreamHost implements AutoCloseable {
    private final BundleContext bundles;
    private final EventEngine engine;
    private final Consumer<Throwable> failures;
    private static final CertificateSource NOBODY = new CertificateSource() {
        @Override
        public CompletionStage<CertificateBundle> load(String name) {
            return none(name);
        }

        @Override
        public CompletionStage<TrustBundle> trust(String name) {
            return none(name);
        }

        private static <T> CompletionStage<T> none(String name) {
            return CompletableFuture.failedFuture(
                new IllegalStateException("certificate \"" + name + "\": nobody here has certificates"));
        }
    };

    private volatile Optional<Upstreams> current = Optional.empty();
    private Optional<EventLoops> checks = Optional.empty();

    UpstreamHost(BundleContext bundles, EventEngine engine, Consumer<Throwable> failures) {
        this.bundles = bundles;
        this.engine = engine;
        this.failures = failures;
    }

    /** Of the router, which is asked when a configuration starts that names one. */
    CertificateSource certificates() {
        return Optional.ofNullable(bundles.getServiceReference(CertificateSource.class)).map(bundles::getService)
            .orElse(NOBODY);
    }

    Optional<Upstreams> current() {
        return current;
    }

    void inForce(Upstreams upstreams) {
        current = Optional.of(upstreams);
    }

    void closed(Upstreams upstreams) {
        if (current.filter(upstreams::equals).isPresent()) {
            current = Optional.empty();
        }
    }

    /** Where servers are asked how they are; a thread that exists when some are. */
    synchronized EventLoop checkLoop() {
        if (checks.isEmpty()) {
            checks = Optional.of(engine.loops("upstream-checks", 1, failures));
        }
        return checks.get().loop(0).netty();
    }

    @Override
    public synchronized void close() {
        checks.ifPresent(EventLoops::shutdown);
        checks = Optional.empty();
    }
}
