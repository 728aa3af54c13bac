// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.connector.DefaultConnection;
import org.shredzone.acme4j.connector.HttpConnector;
import org.shredzone.acme4j.connector.NetworkSettings;

/**
 * How acme4j reaches an authority: https only, no redirects, each answer bounded in time and size, one client for all
 * requests of an order. Waits; on one thread.
 */
final class AcmeConnection extends DefaultConnection {
    /** The longest time that is not taken for a mistake. */
    static final Duration LONGEST = Duration.ofDays(7);

    private static final int MAX_ANSWER = 1 << 20;
    private static final long CONNECT_SECONDS = 10;
    private static final long ANSWER_SECONDS = 30;

    private final Clock clock;
    private int status;
    private Duration pause = Duration.ZERO;

    /** Why there is no answer, in words for the user. */
    static final class Unreachable extends IOException {
        private static final long serialVersionUID = 1L;

        Unreachable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Connects to nobody yet.
     *
     * @param trust who is trusted; empty for those whom the JDK trusts
     */
    AcmeConnection(Optional<SSLContext> trust, Clock clock) {
        super(new HttpConnector(new NetworkSettings()) {
            @Override
            public HttpClient.Builder createClientBuilder() {
                HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER).connectTimeout(Duration.ofSeconds(CONNECT_SECONDS));
                trust.ifPresent(builder::sslContext);
                return builder;
            }
        });
        this.clock = clock;
    }

    /** Of the last answer; 0 when there was none. */
    int status() {
        return status;
    }

    /** How long the last answer asks to be left alone; zero if it does not say (RFC 9110 §10.2.3). */
    Duration pause() {
        return pause;
    }

    @Override
    protected void sendRequest(Session session, URL url, Consumer<HttpRequest.Builder> more) throws IOException {
        status = 0;
        pause = Duration.ZERO;
        HttpRequest.Builder builder = request(url).header("User-Agent", "Margay").header("Accept-Language",
            session.getLanguageHeader());
        more.accept(builder);
        lastResponse = send(builder.build());
        status = lastResponse.statusCode();
        pause = lastResponse.headers().firstValue("Retry-After").map(this::pause).orElse(Duration.ZERO);
    }

    private static HttpRequest.Builder request(URL url) throws Unreachable {
        try {
            URI uri = URI.create(url.toString());
            if (!"https".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null) {
                throw new Unreachable("the authority names a URL that is not https: "
                    + OrderException.shown(url.toString()), null);
            }
            return HttpRequest.newBuilder(uri);
        } catch (IllegalArgumentException e) {
            throw new Unreachable("the authority names a URL that is none: " + OrderException.shown(url.toString()), e);
        }
    }

    private HttpResponse<InputStream> send(HttpRequest request) throws IOException {
        CompletableFuture<HttpResponse<InputStream>> answer = httpClient.sendAsync(request,
            HttpResponse.BodyHandlers.limiting(head -> HttpResponse.BodySubscribers.mapping(
                HttpResponse.BodySubscribers.ofByteArray(), ByteArrayInputStream::new), MAX_ANSWER));
        String where = request.uri().getHost();
        try {
            return answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new Unreachable(where + " does not answer in " + ANSWER_SECONDS + " s", e);
        } catch (ExecutionException e) {
            String reason = e.getCause().getMessage();
            throw new Unreachable(where + " cannot be asked: " + OrderException.shown(reason == null
                ? e.getCause().getClass().getSimpleName() : reason), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unreachable("the order is given up", e);
        } finally {
            answer.cancel(true);
        }
    }

    private Duration pause(String text) {
        try {
            Duration wait = text.matches("[0-9]{1,9}") ? Duration.ofSeconds(Long.parseLong(text))
                : Duration.between(Instant.now(clock),
                    ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME));
            return wait.isNegative() ? Duration.ZERO : wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
        } catch (DateTimeException e) {
            // Nobody can obey what makes no sense.
            return Duration.ZERO;
        }
    }

    @Override
    public Optional<Instant> getRetryAfter() {
        return pause.isZero() ? Optional.empty() : Optional.of(clock.instant().plus(pause));
    }

    /** Cuts what is under way; nothing can be asked any more. */
    void shutdown() {
        httpClient.shutdownNow();
    }
}
