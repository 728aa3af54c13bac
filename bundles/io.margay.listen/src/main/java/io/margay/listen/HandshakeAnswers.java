// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.certificate.CertificateBundle;
import io.margay.certificate.HandshakeAnswer;
import io.margay.log.ErrorLog;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Who proves something by handshakes, while bundles come and go. Any thread. */
public final class HandshakeAnswers {
    private final List<HandshakeAnswer> answers = new CopyOnWriteArrayList<>();
    private final ErrorLog log;

    /** Nobody yet; {@code log} takes what is wrong with them. */
    public HandshakeAnswers(ErrorLog log) {
        this.log = log;
    }

    /** One has come. */
    public void add(HandshakeAnswer answer) {
        answers.add(answer);
    }

    /** One has gone. */
    public void remove(HandshakeAnswer answer) {
        answers.remove(answer);
    }

    /** Whether anybody has something to prove now. */
    boolean isAwake() {
        return !answers.isEmpty() && answers.stream().anyMatch(each -> asked(each, HandshakeAnswer::isAwake, false));
    }

    /** What proves it to a client that offers a protocol only; the host is in lower case. */
    Optional<CertificateBundle> certificate(String protocol, String host) {
        return answers.stream().filter(each -> asked(each, HandshakeAnswer::protocol, "").equals(protocol))
            .flatMap(each -> asked(each, one -> one.certificate(host), Optional.<CertificateBundle>empty()).stream())
            .findFirst();
    }

    /** A fault of an extension costs its own part only. */
    private <T> T asked(HandshakeAnswer one, Function<HandshakeAnswer, T> question, T otherwise) {
        try {
            return question.apply(one);
        } catch (RuntimeException | LinkageError e) {
            log.alert("handshakes are not answered by " + one.getClass().getName() + ": " + e);
            return otherwise;
        }
    }
}
