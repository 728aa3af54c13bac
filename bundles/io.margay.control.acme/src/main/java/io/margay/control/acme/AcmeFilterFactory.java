// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import io.margay.certificate.BundleException;
import io.margay.certificate.CertificateBundle;
import io.margay.certificate.CertificateKind;
import io.margay.certificate.HandshakeAnswer;
import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfSyntaxException;
import io.margay.route.Filter;
import io.margay.route.FilterFactory;
import io.margay.route.RouteCompiler;
import io.margay.route.RouteException;
import io.margay.status.AskedInspector;
import io.margay.status.Inspector;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * The half in the router: checks the object {@code acme} and what listeners describe, and while there is any of it
 * answers those who ask for a token, or for a domain by a handshake, as the half in the controller tells. Compiled on
 * the control thread, told on any.
 */
@Component(service = {FilterFactory.class, CertificateKind.class, Inspector.class, HandshakeAnswer.class})
public final class AcmeFilterFactory implements FilterFactory, CertificateKind, AskedInspector, HandshakeAnswer {
    /** Before all others: an authority neither logs in nor comes from a certain address. */
    private static final int ORDER = 0;
    /** Bytes of SHA-256. */
    private static final int DIGEST = 32;

    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{1,256}");
    private static final Pattern ANSWER = Pattern.compile("[A-Za-z0-9_.-]{1,512}");

    private final Tokens<byte[]> tokens = new Tokens<>(System::nanoTime);
    private final Tokens<CertificateBundle> domains = new Tokens<>(System::nanoTime);

    /** Knows no token yet. */
    @Activate
    public AcmeFilterFactory() {
        // Nothing is answered before somebody tells a token.
    }

    @Override
    public String option() {
        return AcmeOptions.SECTION;
    }

    @Override
    public Scope scope() {
        return Scope.SERVER;
    }

    @Override
    public int order() {
        return ORDER;
    }

    @Override
    public Set<String> reads() {
        return Set.of("/" + AcmeOptions.SECTION);
    }

    @Override
    public Optional<Conf> implied(ConfObject configuration) {
        return Optional.<Conf>of(configuration).filter(whole -> Wanted.isAny(configuration));
    }

    /** What {@link #implied} tells: a whole configuration. */
    @Override
    public Filter compile(Conf value, RouteCompiler compiler) {
        try {
            Wanted.read((ConfObject) value);
        } catch (AcmeOptions.Fault e) {
            throw new RouteException(e.place(), e.getMessage());
        }
        return new ChallengeFilter(tokens);
    }

    @Override
    public String name(Conf value) {
        try {
            return AcmeOptions.read(ConfPointer.ROOT, value).name();
        } catch (AcmeOptions.Fault e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    @Override
    public String name() {
        return "acme";
    }

    /** Only how many there are: who reads this need not be able to answer. */
    @Override
    public Conf dump() {
        return ConfObject.builder().put("tokens", tokens.size() + domains.size()).build();
    }

    /**
     * Takes {@code {"token": …, "answer": …}} for who asks by HTTP, {@code {"domain": …, "answer": …}} for who asks by
     * TLS, or the same without an answer to forget it.
     */
    @Override
    public Conf answer(String question) {
        try {
            if (ConfParser.parse(question.getBytes(StandardCharsets.UTF_8)) instanceof ConfObject told) {
                return told(told);
            }
        } catch (ConfSyntaxException e) {
            throw new IllegalArgumentException("it is no JSON", e);
        }
        throw new IllegalArgumentException("it is no object");
    }

    private Conf told(ConfObject told) {
        Optional<String> answer = told.string("answer");
        Optional<String> token = told.string("token");
        String domain = told.string("domain").orElse("");
        if (token.isPresent()) {
            if (!TOKEN.matcher(token.get()).matches() || answer.filter(text -> !ANSWER.matcher(text).matches())
                    .isPresent()) {
                throw new IllegalArgumentException("it is no token with its answer");
            }
            tokens.put(token.get(), answer.map(text -> text.getBytes(StandardCharsets.US_ASCII)));
        } else if (AcmeOptions.isDomain(domain)) {
            domains.put(domain, answer.map(digest -> proof(domain, digest)));
        } else {
            throw new IllegalArgumentException("it is no object with a token or a domain");
        }
        return dump();
    }

    /** What stands for a domain in a handshake (RFC 8737 §3); its key is good for nothing else. */
    private static CertificateBundle proof(String domain, String digest) {
        byte[] bytes = Base64.getUrlDecoder().decode(digest);
        if (bytes.length != DIGEST) {
            throw new IllegalArgumentException("it is no digest");
        }
        try {
            return CertificateBundle.parse(CertificateWriter.challenge(CertificateWriter.keys(false), domain, bytes)
                .getBytes(StandardCharsets.US_ASCII));
        } catch (BundleException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String protocol() {
        return "acme-tls/1";
    }

    @Override
    public boolean isAwake() {
        return domains.size() > 0;
    }

    @Override
    public Optional<CertificateBundle> certificate(String host) {
        return domains.get(host);
    }
}
