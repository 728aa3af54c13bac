// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;

/** Gets one certificate: account, order, challenges, request, download. Waits, for some minutes at most. */
final class AcmeOrder {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final long FIRST_MILLIS = 500;
    private static final long LONGEST_MILLIS = 15_000;
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{1,256}");
    private static final Pattern CERTIFICATES = Pattern.compile(
        "-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\s]+-----END CERTIFICATE-----");

    /** What an order needs of the server. Called on the thread of the order; may wait. */
    interface Site {

        /** The key of the account, which is made with the first order. */
        KeyPair account(AcmeOptions options) throws AcmeException, InterruptedException;

        /** Whom to trust, if not those whom the JDK trusts. */
        Optional<SSLContext> trust(AcmeOptions options) throws AcmeException, InterruptedException;

        /** Has an answer given to who asks for a token. */
        void publish(String token, String answer) throws AcmeException, InterruptedException;

        /** It is not needed any more. */
        void withdraw(String token) throws AcmeException, InterruptedException;

        /** Lets some time pass. */
        void pause(Duration time) throws AcmeException, InterruptedException;
    }

    private final AcmeOptions options;
    private final Site site;
    private final Clock clock;
    private final Instant deadline;

    AcmeOrder(AcmeOptions options, Site site, Clock clock) {
        this.options = options;
        this.site = site;
        this.clock = clock;
        this.deadline = clock.instant().plus(PATIENCE);
    }

    /**
     * Gets it.
     *
     * @return the key and the chain, in PEM
     */
    String run() throws AcmeException, InterruptedException {
        Jws jws = new Jws(site.account(options));
        try (AcmeHttp http = new AcmeHttp(site.trust(options))) {
            AcmeClient client = new AcmeClient(http, jws, clock, options.directory().toString());
            client.register(options.contact(), options.external());
            AcmeHttp.Answer begun = client.order(options.domains());
            String place = begun.field("Location").orElseThrow(() ->
                new AcmeException("the authority does not say where the order is"));
            ConfObject order = begun.json();
            for (String authorization : urls(order)) {
                prove(client, jws, authorization);
            }
            KeyPair keys = CertificateWriter.keys(options.rsa());
            client.post(order.string("finalize").orElseThrow(() ->
                new AcmeException("the authority does not say where the request goes")), Optional.of(
                ConfObject.builder().put("csr", Jws.base64(CertificateWriter.request(keys, options.domains())))
                    .build()));
            ConfObject done = await(client, place, "order", List.of("pending", "ready", "processing"));
            byte[] chain = client.read(done.string("certificate").orElseThrow(() ->
                new AcmeException("the authority does not say where the certificate is"))).body();
            return CertificateWriter.pem("PRIVATE KEY", keys.getPrivate().getEncoded()) + certificates(chain);
        }
    }

    /** Nothing else is taken from the authority. */
    private static String certificates(byte[] chain) throws AcmeException {
        Matcher blocks = CERTIFICATES.matcher(new String(chain, StandardCharsets.ISO_8859_1));
        StringBuilder pem = new StringBuilder();
        while (blocks.find()) {
            pem.append(blocks.group()).append('\n');
        }
        if (pem.isEmpty()) {
            throw new AcmeException("the authority's certificate is none in PEM");
        }
        return pem.toString();
    }

    private static List<String> urls(ConfObject order) {
        List<String> urls = new ArrayList<>();
        order.array("authorizations").orElse(ConfArray.EMPTY).elements().forEach(each -> {
            if (each instanceof ConfString url) {
                urls.add(url.value());
            }
        });
        return urls;
    }

    private void prove(AcmeClient client, Jws jws, String authorization) throws AcmeException, InterruptedException {
        ConfObject asked = client.read(authorization).json();
        String domain = AcmeClient.shown(asked.object("identifier").flatMap(who -> who.string("value")).orElse(""));
        if (asked.string("status").filter("valid"::equals).isPresent()) {
            return;
        }
        ConfObject challenge = challenge(asked).orElseThrow(() -> new AcmeException(
            "the authority offers no http-01 for \"" + domain + "\""));
        String token = challenge.string("token").filter(text -> TOKEN.matcher(text).matches()).orElseThrow(() ->
            new AcmeException("the authority's token for \"" + domain + "\" is malformed"));
        site.publish(token, token + '.' + jws.thumbprint());
        try {
            client.post(challenge.string("url").orElse(""), Optional.of(ConfObject.EMPTY));
            await(client, authorization, "\"" + domain + "\"", List.of("pending"));
        } finally {
            site.withdraw(token);
        }
    }

    private static Optional<ConfObject> challenge(ConfObject authorization) {
        for (Conf each : authorization.array("challenges").orElse(ConfArray.EMPTY).elements()) {
            if (each instanceof ConfObject one && one.string("type").filter("http-01"::equals).isPresent()) {
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }

    /** Asks again and again, ever less often, until something is not under way any more. */
    private ConfObject await(AcmeClient client, String url, String what, List<String> underWay)
            throws AcmeException, InterruptedException {
        long pause = FIRST_MILLIS;
        while (true) {
            AcmeHttp.Answer answer = client.read(url);
            ConfObject now = answer.json();
            String status = now.string("status").orElse("");
            if (status.equals("valid")) {
                return now;
            }
            if (!underWay.contains(status)) {
                throw new AcmeException(what + " is " + (status.isEmpty() ? "without a status"
                    : AcmeClient.shown(status)) + reason(now));
            }
            Duration wait = Duration.ofMillis(Math.max(pause, answer.retryAfter(clock).toMillis()));
            if (clock.instant().plus(wait).isAfter(deadline)) {
                throw new AcmeException(what + " is still " + status + " after " + PATIENCE.toMinutes() + " minutes");
            }
            site.pause(wait);
            pause = Math.min(pause * 2, LONGEST_MILLIS);
        }
    }

    /** What the authority says of an order or of the challenge that has failed. */
    private static String reason(ConfObject told) {
        return told.object("error").or(() -> challenge(told).flatMap(one -> one.object("error")))
            .map(AcmeClient::text).orElse("");
    }
}
