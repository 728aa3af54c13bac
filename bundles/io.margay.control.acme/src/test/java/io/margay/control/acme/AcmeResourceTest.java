// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.certificate.CertificateBundle;
import io.margay.certificate.CertificateNames;
import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.control.CertificateStore;
import io.margay.control.ControlReply;
import io.margay.control.ProcessQueries;
import io.margay.testing.RouteSite;
import io.margay.testing.TestAuthority;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** What serves under the name of a certificate that is not there yet, while a listener changes what it describes. */
class AcmeResourceTest {
    /** Nobody is there: nothing is ordered in the time of a test. */
    private static final String DIRECTORY = "https://127.0.0.1:1/d";

    @TempDir
    private static Path directory;
    /** Of server.example. */
    private static byte[] issued;

    private final Map<String, byte[]> stored = new HashMap<>();

    private final ProcessQueries processes = new ProcessQueries() {
        @Override
        public List<String> names() {
            return List.of();
        }

        @Override
        public CompletionStage<Conf> ask(String process, String inspector, String question) {
            return CompletableFuture.failedFuture(new IllegalStateException("there is no router"));
        }

        @Override
        public Executor loop() {
            return task -> {
                synchronized (stored) {
                    task.run();
                }
            };
        }

        @Override
        public Runnable after(long millis, Runnable task) {
            return () -> { };
        }
    };

    private final CertificateStore store = new CertificateStore() {
        @Override
        public boolean has(String name) {
            return stored.containsKey(name);
        }

        @Override
        public CompletionStage<byte[]> load(String name) {
            return CompletableFuture.completedFuture(stored.get(name));
        }

        @Override
        public CompletionStage<ControlReply> store(String name, byte[] pem, String who) {
            stored.put(name, pem);
            return CompletableFuture.completedFuture(ControlReply.success("Ok"));
        }
    };

    private final AcmeResource resource = new AcmeResource(context(), CertificateBundle::parse, (level, text) -> { });

    @BeforeAll
    static void make() {
        TestAuthority authority = TestAuthority.root(directory, "root");
        authority.issue("one", "server", 30);
        issued = ("ACME directory: " + DIRECTORY + "\n" + authority.join("one.key", "one.crt"))
            .getBytes(StandardCharsets.US_ASCII);
    }

    @AfterEach
    void stop() {
        resource.stop();
    }

    private BundleContext context() {
        return (BundleContext) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {BundleContext.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "getServiceReference" -> reference((Class<?>) arguments[0]);
                case "getService" -> arguments[0].toString().equals("CertificateStore") ? store : processes;
                default -> throw new UnsupportedOperationException(method.getName());
            });
    }

    private Object reference(Class<?> type) {
        return Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {ServiceReference.class},
            (proxy, method, arguments) -> type.getSimpleName());
    }

    private static ConfObject listener(String domains) {
        return RouteSite.conf("{'listeners': {'*:1': {'pass': 'routes', 'tls': {'certificate': {'acme': {'domains': "
            + domains + ", 'terms_of_service_agreed': true, 'directory': '" + DIRECTORY + "'}}}}}}");
    }

    private static String name(ConfObject whole) {
        return resourceNames(whole).getFirst();
    }

    private static List<String> resourceNames(ConfObject whole) {
        return List.copyOf(Wanted.names(whole));
    }

    private void inForce(ConfObject whole) {
        processes.loop().execute(() -> resource.inForce(whole));
    }

    private List<String> domainsOfPlaceholder(ConfObject whole) throws Exception {
        byte[] pem = resource.placeholder(whole, name(whole));
        return CertificateNames.serverNames(CertificateBundle.parse(pem).leaf());
    }

    @Test
    void theFirstOneIsSignedByNobody() throws Exception {
        assertEquals(List.of("a.example", "b.example"), domainsOfPlaceholder(listener("['a.example', 'b.example']")));
    }

    @Test
    void whatIsThereServesUntilTheNextIsThere() throws Exception {
        ConfObject before = listener("'server.example'");
        stored.put(name(before), issued);
        inForce(before);
        ConfObject more = listener("['server.example', 'more.example']");
        assertArrayEquals(issued, resource.placeholder(more, name(more)));
        assertEquals(List.of("other.example"), domainsOfPlaceholder(listener("'other.example'")));
        ConfObject section = RouteSite.conf("{'acme': {'server': {'domains': 'server.example'}}}");
        assertTrue(new String(resource.placeholder(section, "server"), StandardCharsets.US_ASCII)
            .startsWith("-----BEGIN PRIVATE KEY"), "an entry keeps its name when it changes, and what it has");
        inForce(ConfObject.EMPTY);
        assertEquals(List.of("more.example", "server.example"), domainsOfPlaceholder(more).stream().sorted().toList());
    }

    @Test
    void itIsNeededAsLongAsItIsDescribed() {
        ConfObject whole = listener("'a.example'");
        assertTrue(resource.uses(whole, name(whole)));
        assertEquals(1, resource.names(whole).size());
    }
}
