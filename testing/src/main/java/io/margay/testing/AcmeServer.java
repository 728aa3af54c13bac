// SPDX-License-Identifier: Apache-2.0
package io.margay.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A small authority that speaks ACME (RFC 8555) as Pebble does: it refuses a good nonce now and then, checks every
 * signature, and asks for the answer to a challenge over HTTP or by a handshake, at ports that it is told. One request
 * at a time.
 */
public final class AcmeServer implements AutoCloseable {
    private static final String TLS_ALPN = "tls-alpn-01";
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'")
        .withZone(ZoneOffset.UTC);

    private static final class Order {
        final List<String> domains = new ArrayList<>();
        final Set<String> proven = new HashSet<>();
        String account = "";
        ConfObject problem = ConfObject.EMPTY;
        String tried = "";
        boolean processing;
        Optional<String> chain = Optional.empty();
    }

    private final Path directory;
    private final TestAuthority authority;
    private final HttpsServer server;
    private final String base;
    private final AcmeRequest.Checks checks;
    private final Map<String, ConfObject> accounts = new HashMap<>();
    private final Map<String, ConfArray> contacts = new HashMap<>();
    private final List<Order> orders = new ArrayList<>();
    private volatile int port;
    private volatile int tlsPort;
    private volatile Optional<ConfObject> suggested = Optional.empty();
    private volatile String last = "";
    private final AcmeReplacements replacements = new AcmeReplacements();
    private volatile Duration age = Duration.ZERO;
    private volatile Duration left = Duration.ofDays(90);
    private volatile Optional<byte[]> external = Optional.empty();
    private volatile int retryAfter;
    private volatile int issued;

    /**
     * Begins to listen.
     *
     * @param directory of the test, for files
     */
    public AcmeServer(Path directory) throws IOException, GeneralSecurityException {
        this.directory = directory;
        authority = TestAuthority.root(directory, "acme");
        Files.writeString(directory.resolve("acme-tls.cnf"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
        authority.openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
            "acme-tls.key", "-subj", "/CN=directory", "-out", "acme-tls.csr");
        authority.openssl("x509", "-req", "-in", "acme-tls.csr", "-CA", "acme.crt", "-CAkey", "acme.key",
            "-set_serial", "2", "-days", "30", "-extfile", "acme-tls.cnf", "-out", "acme-tls.crt");
        authority.openssl("pkcs12", "-export", "-inkey", "acme-tls.key", "-in", "acme-tls.crt", "-passout", "pass:acme",
            "-out", "acme-tls.p12");
        Files.writeString(directory.resolve("acme.cnf"), "[ca]\ndefault_ca=here\n[here]\ndatabase=acme.txt\n"
            + "new_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\npolicy=any\ncopy_extensions=copyall\n"
            + "unique_subject=no\n"
            + "x509_extensions=leaf\n[leaf]\nauthorityKeyIdentifier=keyid:always\n[any]\ncommonName=optional\n");
        Files.writeString(directory.resolve("acme.txt"), "");
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context()));
        base = "https://127.0.0.1:" + server.getAddress().getPort();
        checks = new AcmeRequest.Checks(base, accounts);
        server.createContext("/", this::handle);
        server.start();
    }

    private SSLContext context() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(directory.resolve("acme-tls.p12"))) {
            store.load(file, "acme".toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, "acme".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    /** Where a client begins. */
    public String url() {
        return base + "/directory";
    }

    /** The certificate that the directory and all others are trusted by, in PEM. */
    public String root() {
        return authority.join("acme.crt");
    }

    /** Sets where answers to challenges are asked for, whatever the domain is. */
    public void validateAt(int httpPort) {
        port = httpPort;
    }

    /** Sets where answers by handshakes are asked for from now on. */
    public void validateByTlsAt(int httpsPort) {
        tlsPort = httpsPort;
    }

    /** Certificates from now on are to be renewed between two times (RFC 9773). */
    public void suggest(Instant start, Instant end) {
        suggested = Optional.of(ConfObject.builder().put("suggestedWindow", ConfObject.builder()
            .put("start", start.toString()).put("end", end.toString()).build()).build());
    }

    /** Nothing is said of renewals any more. */
    public void suggestNothing() {
        suggested = Optional.empty();
    }

    /** Sets since when certificates from now on are good, and for how long they still are. */
    public void life(Duration before, Duration after) {
        age = before;
        left = after;
    }

    /** Accounts from now on must be bound to one that is here already, by this key. */
    public void external(byte[] key) {
        external = Optional.of(key);
    }

    /** Orders from now on are refused, and the client is to come again after some seconds; 0 as before. */
    public void refuse(int seconds) {
        retryAfter = seconds;
    }

    /** {@return the certificates that orders said to replace, by their names for renewal (RFC 9773 §5)} */
    public synchronized List<String> replaced() {
        return replacements.all();
    }

    /** How many certificates there are. */
    public int issued() {
        return issued;
    }

    /** How many accounts there are. */
    public synchronized int accounts() {
        return accounts.size();
    }

    /** How the owners of accounts may be reached. */
    public synchronized List<ConfArray> contacts() {
        return List.copyOf(contacts.values());
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set("Replay-Nonce", checks.nonce());
            String path = exchange.getRequestURI().getPath();
            byte[] body = exchange.getRequestBody().readAllBytes();
            try {
                answer(exchange, path, body);
            } catch (AcmeRefusal e) {
                if (retryAfter > 0) {
                    exchange.getResponseHeaders().set("Retry-After", Integer.toString(retryAfter));
                }
                send(exchange, e.status(), e.problem());
            } catch (ConfSyntaxException | GeneralSecurityException | RuntimeException e) {
                send(exchange, 400, new AcmeRefusal(400, "malformed", e.toString()).problem());
            }
        }
    }

    private static void send(HttpExchange exchange, int status, Conf value) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", status < 400 ? "application/json"
            : "application/problem+json");
        send(exchange, status, ConfWriter.compact(value));
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    private void answer(HttpExchange exchange, String path, byte[] body)
            throws IOException, AcmeRefusal, ConfSyntaxException, GeneralSecurityException {
        String[] words = path.substring(1).split("/");
        if (words[0].equals("directory")) {
            ConfObject.Builder all = ConfObject.builder().put("newNonce", base + "/nonce")
                .put("newAccount", base + "/account").put("newOrder", base + "/new").put("meta",
                ConfObject.builder().put("externalAccountRequired", external.isPresent()).build());
            suggested.ifPresent(window -> all.put("renewalInfo", base + "/renewal"));
            send(exchange, 200, all.build());
        } else if (words[0].equals("renewal")) {
            if (!words[1].equals(last)) {
                throw new AcmeRefusal(404, "malformed", "there is no such certificate");
            }
            send(exchange, 200, suggested.orElseThrow());
        } else if (words[0].equals("nonce")) {
            exchange.sendResponseHeaders(200, -1);
        } else if (words.length == 1 && words[0].equals("account")) {
            account(exchange, checks.verified(path, body));
        } else {
            resource(exchange, words, checks.verified(path, body));
        }
    }

    private void account(HttpExchange exchange, AcmeRequest signed)
            throws IOException, AcmeRefusal, ConfSyntaxException, GeneralSecurityException {
        ConfObject wanted = signed.json();
        if (!wanted.bool("termsOfServiceAgreed", false)) {
            throw new AcmeRefusal(403, "userActionRequired", "nobody has agreed to the terms");
        }
        if (external.isPresent()) {
            signed.bound(wanted.object("externalAccountBinding").orElse(ConfObject.EMPTY), external.get());
        }
        Optional<String> known = accounts.entrySet().stream().filter(entry -> entry.getValue().equals(signed.key()))
            .map(Map.Entry::getKey).findFirst();
        String url = known.orElse(base + "/account/" + accounts.size());
        if (known.isEmpty()) {
            accounts.put(url, signed.key());
            contacts.put(url, wanted.array("contact").orElse(ConfArray.EMPTY));
        }
        exchange.getResponseHeaders().set("Location", url);
        send(exchange, known.isPresent() ? 200 : 201, shown(url));
    }

    private ConfObject shown(String account) {
        return ConfObject.builder().put("status", "valid").put("contact", contacts.get(account)).build();
    }

    private void resource(HttpExchange exchange, String[] words, AcmeRequest signed)
            throws IOException, AcmeRefusal, ConfSyntaxException, GeneralSecurityException {
        String account = signed.account().orElseThrow(() ->
            new AcmeRefusal(400, "malformed", "an account is named by its URL"));
        switch (words[0]) {
            case "account" -> {
                contacts.put(account, signed.json().array("contact").orElse(ConfArray.EMPTY));
                send(exchange, 200, shown(account));
            }
            case "new" -> create(exchange, account, signed.json());
            default -> of(exchange, words, orders.get(Integer.parseInt(words[1])), signed);
        }
    }

    private void create(HttpExchange exchange, String account, ConfObject wanted) throws IOException, AcmeRefusal {
        if (retryAfter > 0) {
            throw new AcmeRefusal(429, "rateLimited", "too many orders");
        }
        replacements.check(wanted.string("replaces"), suggested.isPresent());
        Order order = new Order();
        order.account = account;
        wanted.array("identifiers").orElse(ConfArray.EMPTY).elements().forEach(each ->
            order.domains.add(((ConfObject) each).string("value").orElse("")));
        orders.add(order);
        exchange.getResponseHeaders().set("Location", base + "/order/" + (orders.size() - 1));
        send(exchange, 201, shown(orders.size() - 1, order));
    }

    private ConfObject shown(int number, Order order) {
        List<Conf> authorizations = new ArrayList<>();
        for (int i = 0; i < order.domains.size(); i++) {
            authorizations.add(Conf.of(base + "/authz/" + number + "/" + i));
        }
        ConfObject.Builder told = ConfObject.builder().put("authorizations", new ConfArray(authorizations))
            .put("finalize", base + "/finalize/" + number);
        order.chain.ifPresent(chain -> told.put("certificate", base + "/cert/" + number));
        return told.put("status", order.chain.isPresent() && !order.processing ? "valid" : order.processing
            ? "processing" : order.proven.containsAll(order.domains) ? "ready" : !order.problem.isEmpty() ? "invalid"
            : "pending").build();
    }

    private void of(HttpExchange exchange, String[] words, Order order, AcmeRequest signed)
            throws IOException, AcmeRefusal, ConfSyntaxException, GeneralSecurityException {
        int number = Integer.parseInt(words[1]);
        if (!order.account.equals(signed.account().orElse(""))) {
            throw new AcmeRefusal(403, "unauthorized", "this is the order of somebody else");
        }
        switch (words[0]) {
            case "order" -> {
                send(exchange, 200, shown(number, order));
                // The next one who asks finds it done.
                order.processing = false;
            }
            case "authz" -> send(exchange, 200, authorization(words, order));
            case "challenge" -> {
                signed.json();
                challenge(order, words, signed.key());
                send(exchange, 200, challenge(words, words[3]).put("status", "processing").build());
            }
            case "finalize" -> {
                if (!order.proven.containsAll(order.domains)) {
                    throw new AcmeRefusal(403, "orderNotReady", "not all domains are proven");
                }
                order.chain = Optional.of(issue(AcmeRequest.decode(signed.json().string("csr").orElse(""))));
                order.processing = true;
                send(exchange, 200, shown(number, order));
            }
            case "cert" -> {
                exchange.getResponseHeaders().set("Content-Type", "application/pem-certificate-chain");
                send(exchange, 200, order.chain.orElseThrow().getBytes(StandardCharsets.US_ASCII));
            }
            default -> throw new AcmeRefusal(404, "malformed", "there is nothing here");
        }
    }

    private static String token(String[] words) {
        return "token_" + words[1] + "-" + words[2];
    }

    private ConfObject.Builder challenge(String[] words, String type) {
        return ConfObject.builder().put("type", type).put("token", token(words))
            .put("url", base + "/challenge/" + words[1] + "/" + words[2] + "/" + type);
    }

    private ConfObject authorization(String[] words, Order order) {
        String domain = order.domains.get(Integer.parseInt(words[2]));
        List<Conf> challenges = new ArrayList<>();
        for (String type : List.of("dns-01", "http-01", TLS_ALPN)) {
            ConfObject.Builder challenge = challenge(words, type).put("status", "pending");
            if (!order.problem.isEmpty() && order.tried.equals(type)) {
                challenge.put("error", order.problem);
            }
            challenges.add(challenge.build());
        }
        return ConfObject.builder().put("status", order.proven.contains(domain) ? "valid"
            : order.problem.isEmpty() ? "pending" : "invalid")
            .put("identifier", ConfObject.builder().put("type", "dns").put("value", domain).build())
            .put("challenges", new ConfArray(challenges)).build();
    }

    /** Asks the server for the answer, as any client would. */
    private void challenge(Order order, String[] words, ConfObject key) throws GeneralSecurityException {
        String domain = order.domains.get(Integer.parseInt(words[2]));
        String token = token(words);
        String answer = token + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(
            MessageDigest.getInstance("SHA-256").digest(("{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\""
                + key.string("x").orElse("") + "\",\"y\":\"" + key.string("y").orElse("") + "\"}")
                .getBytes(StandardCharsets.US_ASCII)));
        order.tried = words[3];
        try {
            if (order.tried.equals(TLS_ALPN)) {
                AcmeProbe.tls(tlsPort, domain, answer);
            } else {
                AcmeProbe.http(port, domain, token, answer);
            }
            order.proven.add(domain);
        } catch (AcmeRefusal e) {
            order.problem = e.problem();
        } catch (IOException e) {
            order.problem = new AcmeRefusal(400, "connection", String.valueOf(e.getMessage())).problem();
        }
    }

    private String issue(byte[] request) throws IOException, GeneralSecurityException {
        issued++;
        Files.write(directory.resolve("wanted.der"), request);
        authority.openssl("req", "-inform", "DER", "-in", "wanted.der", "-verify", "-out", "wanted.csr");
        Instant now = Instant.now();
        authority.openssl("ca", "-batch", "-notext", "-config", "acme.cnf", "-keyfile", "acme.key", "-cert", "acme.crt",
            "-subj", "/CN=" + issued, "-startdate", TIME.format(now.minus(age)), "-enddate",
            TIME.format(now.plus(left)), "-in", "wanted.csr", "-out", "wanted.crt");
        String chain = authority.join("wanted.crt", "acme.crt");
        last = AcmeProbe.renewalId(chain);
        return chain;
    }

    /** Listens no more. */
    @Override
    public void close() {
        server.stop(0);
    }
}
