// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import io.margay.certificate.CertificateReader;
import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.control.CertificateProvider;
import io.margay.control.CertificateStore;
import io.margay.control.ControlPath;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import io.margay.control.ProcessQueries;
import io.margay.log.ErrorLog;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * The half in the controller: gets and renews the certificates of the configuration in force, and tells of them at
 * {@code /control/acme}. On the loop's thread; orders have one of their own, which is there only while it works.
 */
@Component(service = {ControlResource.class, CertificateProvider.class})
public final class AcmeResource implements ControlResource, CertificateProvider {
    private static final int OWN = 2;
    private static final long IDLE_SECONDS = 5;

    private final BundleContext bundles;
    private final CertificateReader reader;
    private final ErrorLog log;
    private final ThreadPoolExecutor worker;
    private final Map<String, Renewal> renewals = new TreeMap<>();
    private Map<String, Wanted> wanted = Map.of();
    private volatile Optional<Renewal.Parts> parts = Optional.empty();

    /** Gets nothing before it is told what is in force. */
    @Activate
    public AcmeResource(BundleContext bundles, @Reference CertificateReader reader, @Reference ErrorLog log) {
        this.bundles = bundles;
        this.reader = reader;
        this.log = log;
        worker = new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, "acme");
            thread.setDaemon(true);
            return thread;
        });
        worker.allowCoreThreadTimeOut(true);
    }

    /**
     * What only the controller has, and has when it tells what is in force. It is not required, since the bundle is in
     * the router too.
     */
    private Renewal.Parts parts() {
        if (parts.isEmpty()) {
            ProcessQueries processes = service(ProcessQueries.class);
            CertificateStore store = service(CertificateStore.class);
            Clock clock = Clock.systemUTC();
            ServerSite site = new ServerSite(processes, store, reader);
            parts = Optional.of(new Renewal.Parts(processes, store, reader, worker,
                new Renewal.Orders() {
                    @Override
                    public String run(AcmeOptions options, Optional<X509Certificate> old)
                            throws OrderException, InterruptedException {
                        return new AcmeOrder(options, site, clock).run(old);
                    }

                    @Override
                    public Optional<RenewalWindow> window(AcmeOptions options, X509Certificate leaf)
                            throws OrderException, InterruptedException {
                        return new AcmeOrder(options, site, clock).window(leaf);
                    }
                }, log, clock,
                () -> ThreadLocalRandom.current().nextDouble()));
        }
        return parts.get();
    }

    private <T> T service(Class<T> type) {
        return Optional.ofNullable(bundles.getServiceReference(type)).map(bundles::getService).orElseThrow(() ->
            new IllegalStateException("there is no " + type.getSimpleName()));
    }

    /** Gets nothing more; an order that is under way is left alone by both sides. */
    @Deactivate
    void stop() {
        worker.shutdownNow();
        parts.ifPresent(begun -> begun.processes().loop().execute(() -> replace(Map.of())));
    }

    @Override
    public Set<String> names(ConfObject configuration) {
        return Wanted.names(configuration);
    }

    /**
     * What listeners describe gets another name when it changes: until there is a certificate of that name, the one
     * serves that has most of its domains. Where there is none, clients must not trust what serves.
     */
    @Override
    public byte[] placeholder(ConfObject configuration, String name) {
        List<String> domains = Wanted.domains(configuration, name);
        Optional<byte[]> like = !Wanted.isDescribed(configuration, name) ? Optional.empty()
            : renewals.values().stream().filter(other -> other.common(domains) > 0)
                .max(Comparator.comparingLong(other -> other.common(domains))).flatMap(Renewal::pem);
        return like.orElseGet(() -> CertificateWriter.selfSigned(CertificateWriter.keys(false), "not there yet",
            domains).getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public boolean uses(ConfObject configuration, String name) {
        return Wanted.uses(configuration, name);
    }

    @Override
    public void inForce(ConfObject configuration) {
        if (worker.isShutdown()) {
            return;
        }
        try {
            replace(Wanted.read(configuration));
        } catch (AcmeOptions.Fault e) {
            log.error("no certificates are got by ACME: " + e.getMessage());
        }
    }

    /** Those that are wanted as before go on. */
    private void replace(Map<String, Wanted> next) {
        wanted = next;
        renewals.entrySet().removeIf(entry -> {
            boolean gone = !Optional.ofNullable(next.get(entry.getKey()))
                .filter(each -> each.options().equals(entry.getValue().options())).isPresent();
            if (gone) {
                entry.getValue().stop();
            }
            return gone;
        });
        next.forEach((name, one) -> renewals.computeIfAbsent(name, each -> {
            Renewal renewal = new Renewal(name, one.options(), parts());
            renewal.start();
            return renewal;
        }));
    }

    @Override
    public String prefix() {
        return "/control/acme";
    }

    @Override
    public Set<String> methods() {
        return Set.of("GET", "POST");
    }

    @Override
    public int maxContent() {
        return 0;
    }

    @Override
    public CompletionStage<ControlReply> handle(ControlRequest request) {
        List<String> path = request.place().segments().stream().map(ControlPath::decodeFully).toList();
        return CompletableFuture.completedFuture(request.method().equals("GET") ? show(path) : order(path));
    }

    private ControlReply show(List<String> path) {
        if (path.size() == OWN) {
            ConfObject.Builder all = ConfObject.builder();
            renewals.forEach((name, renewal) -> all.put(name, report(name, renewal)));
            return ControlReply.value(all.build());
        }
        return find(path).map(renewal -> ControlReply.value(report(path.get(OWN), renewal)))
            .orElseGet(ControlReply::missing);
    }

    /** Where it is described is told of those whose name does not stand there. */
    private ConfObject report(String name, Renewal renewal) {
        List<Conf> places = wanted.get(name).places().stream().<Conf>map(place -> Conf.of(place.toString())).toList();
        return places.isEmpty() ? renewal.report() : renewal.report().with("places", new ConfArray(places));
    }

    private Optional<Renewal> find(List<String> path) {
        return path.size() == OWN + 1 ? Optional.ofNullable(renewals.get(path.get(OWN))) : Optional.empty();
    }

    private ControlReply order(List<String> path) {
        if (path.size() == OWN) {
            return ControlReply.methodNotAllowed();
        }
        return find(path).map(renewal -> {
            renewal.order();
            return ControlReply.success("The certificate is being ordered.");
        }).orElseGet(ControlReply::missing);
    }
}
