// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import java.net.URI;
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
import javax.net.ssl.SSLContext;

/** Requests to an authority: https only, bounded in time and size, no redirects. Waits; on one thread. */
final class AcmeHttp implements AutoCloseable {
    /** The longest time that is not taken for a mistake. */
    static final Duration LONGEST = Duration.ofDays(7);

    private static final int MAX_ANSWER = 1 << 20;
    private static final long CONNECT_SECONDS = 10;
    private static final long ANSWER_SECONDS = 30;

    private final HttpClient client;

    /**
     * Connects to nobody yet.
     *
     * @param trust who is trusted; empty for those whom the JDK trusts
     */
    AcmeHttp(Optional<SSLContext> trust) {
        HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER).connectTimeout(Duration.ofSeconds(CONNECT_SECONDS));
        trust.ifPresent(builder::sslContext);
        client = builder.build();
    }

    /**
     * What an authority answers.
     *
     * @param response its head and its content, which are hostile
     */
    record Answer(HttpResponse<byte[]> response) {

        int status() {
            return response.statusCode();
        }

        byte[] body() {
            return response.body();
        }

        Optional<String> field(String name) {
            return response.headers().firstValue(name);
        }

        /** The content as an object. */
        ConfObject json() throws AcmeException {
            try {
                if (ConfParser.parse(body()) instanceof ConfObject object) {
                    return object;
                }
            } catch (ConfSyntaxException e) {
                throw new AcmeException("the authority's answer is no JSON: " + e.detail(), e);
            }
            throw new AcmeException("the authority's answer is no object");
        }

        /** How long the authority wants to be left alone; zero if it does not say (RFC 9110 §10.2.3). */
        Duration retryAfter(Clock clock) {
            Optional<String> text = field("Retry-After");
            if (text.isEmpty()) {
                return Duration.ZERO;
            }
            Duration wait;
            try {
                wait = text.get().matches("[0-9]{1,9}") ? Duration.ofSeconds(Long.parseLong(text.get()))
                    : Duration.between(Instant.now(clock),
                        ZonedDateTime.parse(text.get(), DateTimeFormatter.RFC_1123_DATE_TIME));
            } catch (DateTimeException e) {
                // Nobody can obey what makes no sense.
                return Duration.ZERO;
            }
            return wait.isNegative() ? Duration.ZERO : wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
        }
    }

    /** Reads something. */
    Answer get(String url) throws AcmeException, InterruptedException {
        return send(request(url).GET().build());
    }

    /** Asks for the head only. */
    Answer head(String url) throws AcmeException, InterruptedException {
        return send(request(url).method("HEAD", HttpRequest.BodyPublishers.noBody()).build());
    }

    /** Sends a signed request. */
    Answer post(String url, byte[] jws) throws AcmeException, InterruptedException {
        return send(request(url).header("Content-Type", "application/jose+json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(jws)).build());
    }

    private static HttpRequest.Builder request(String url) throws AcmeException {
        try {
            URI uri = URI.create(url);
            if (!"https".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null) {
                throw new AcmeException("the authority names a URL that is not https: " + AcmeClient.shown(url));
            }
            return HttpRequest.newBuilder(uri).header("User-Agent", "Margay");
        } catch (IllegalArgumentException e) {
            throw new AcmeException("the authority names a URL that is none: " + AcmeClient.shown(url), e);
        }
    }

    private Answer send(HttpRequest request) throws AcmeException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(request,
            HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), MAX_ANSWER));
        String where = request.uri().getHost();
        try {
            return new Answer(answer.get(ANSWER_SECONDS, TimeUnit.SECONDS));
        } catch (TimeoutException e) {
            throw new AcmeException(where + " does not answer in " + ANSWER_SECONDS + " s", e);
        } catch (ExecutionException e) {
            String reason = e.getCause().getMessage();
            throw new AcmeException(where + " cannot be asked: " + AcmeClient.shown(reason == null
                ? e.getCause().getClass().getSimpleName() : reason), e);
        } finally {
            answer.cancel(true);
        }
    }

    /** Cuts what is under way. */
    @Override
    public void close() {
        client.shutdownNow();
    }
}
