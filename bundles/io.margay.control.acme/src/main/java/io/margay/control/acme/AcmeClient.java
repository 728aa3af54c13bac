// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfBoolean;
import io.margay.conf.ConfObject;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** Speaks with one authority as one account (RFC 8555). Waits; on one thread. */
final class AcmeClient {
    private static final int OK = 200;
    private static final int CREATED = 201;
    private static final int TRIES = 5;
    private static final int LONGEST_TEXT = 500;

    private final AcmeHttp http;
    private final Jws jws;
    private final Clock clock;
    private final ConfObject directory;
    private Optional<String> nonce = Optional.empty();
    private Optional<String> account = Optional.empty();

    /** Reads the directory. */
    AcmeClient(AcmeHttp http, Jws jws, Clock clock, String url) throws AcmeException, InterruptedException {
        this.http = http;
        this.jws = jws;
        this.clock = clock;
        AcmeHttp.Answer answer = http.get(url);
        if (answer.status() != OK) {
            throw problem(answer);
        }
        directory = answer.json();
    }

    /** What strangers have written, for the log. */
    static String shown(String text) {
        String plain = text.replaceAll("\\p{Cntrl}", " ");
        return plain.length() <= LONGEST_TEXT ? plain : plain.substring(0, LONGEST_TEXT);
    }

    private String resource(String name) throws AcmeException {
        return directory.string(name).orElseThrow(() ->
            new AcmeException("the directory does not name \"" + name + "\""));
    }

    /** Opens the account of the key, or finds it. */
    void register(List<String> contact, Optional<AcmeOptions.External> external)
            throws AcmeException, InterruptedException {
        Conf addresses = new ConfArray(contact.stream().map(Conf::of).map(Conf.class::cast).toList());
        String url = resource("newAccount");
        ConfObject.Builder wanted = ConfObject.builder().put("termsOfServiceAgreed", true).put("contact", addresses);
        external.ifPresent(elsewhere -> wanted.put("externalAccountBinding",
            jws.binding(url, elsewhere.keyId(), elsewhere.secret())));
        if (external.isEmpty() && directory.object("meta").flatMap(meta -> meta.get("externalAccountRequired"))
                .filter(ConfBoolean.TRUE::equals).isPresent()) {
            throw new AcmeException("the authority wants an account that you have there already: set "
                + "\"external_account\"");
        }
        AcmeHttp.Answer answer = post(url, Optional.of(wanted.build()));
        account = answer.field("Location");
        if (account.isEmpty()) {
            throw new AcmeException("the authority does not say where the account is");
        }
        // One that was there already keeps what it had.
        if (answer.status() == OK && !answer.json().get("contact").orElse(ConfArray.EMPTY).equals(addresses)) {
            post(account.get(), Optional.of(ConfObject.builder().put("contact", addresses).build()));
        }
    }

    /** Begins an order. */
    AcmeHttp.Answer order(List<String> domains) throws AcmeException, InterruptedException {
        List<Conf> identifiers = domains.stream().map(domain ->
            (Conf) ConfObject.builder().put("type", "dns").put("value", domain).build()).toList();
        return post(resource("newOrder"), Optional.of(
            ConfObject.builder().put("identifiers", new ConfArray(identifiers)).build()));
    }

    /** Reads something that belongs to the account. */
    AcmeHttp.Answer read(String url) throws AcmeException, InterruptedException {
        return post(url, Optional.empty());
    }

    /**
     * Sends a request. One that is refused for its nonce is sent again with another, as it is meant (RFC 8555 §6.5).
     *
     * @return an answer that is good
     */
    AcmeHttp.Answer post(String url, Optional<Conf> payload) throws AcmeException, InterruptedException {
        for (int i = 1;; i++) {
            AcmeHttp.Answer answer = http.post(url, jws.request(url, nonce(), account, payload));
            nonce = answer.field("Replay-Nonce");
            if (answer.status() == OK || answer.status() == CREATED) {
                return answer;
            }
            AcmeException problem = problem(answer);
            if (!problem.type().equals("badNonce") || i == TRIES) {
                throw problem;
            }
        }
    }

    private String nonce() throws AcmeException, InterruptedException {
        Optional<String> last = nonce;
        nonce = Optional.empty();
        return last.isPresent() ? last.get() : http.head(resource("newNonce")).field("Replay-Nonce").orElseThrow(() ->
            new AcmeException("the authority gives no nonce"));
    }

    private AcmeException problem(AcmeHttp.Answer answer) {
        ConfObject told;
        try {
            told = answer.json();
        } catch (AcmeException e) {
            // A proxy, or no authority at all; the status says more than the text.
            told = ConfObject.EMPTY;
        }
        String type = told.string("type").orElse("");
        String word = type.substring(type.lastIndexOf(':') + 1);
        return new AcmeException("the authority answers " + answer.status() + text(told), word,
            answer.retryAfter(clock));
    }

    /** What a problem document says (RFC 7807), with a separator in front. */
    static String text(ConfObject problem) {
        String type = problem.string("type").orElse("");
        String detail = problem.string("detail").orElse("");
        return shown((type.isEmpty() ? "" : " " + type.substring(type.lastIndexOf(':') + 1))
            + (detail.isEmpty() ? "" : ": " + detail));
    }
}
