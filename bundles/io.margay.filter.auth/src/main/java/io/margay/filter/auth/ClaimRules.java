// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfBoolean;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.conf.ConfText;
import io.netty.util.AsciiString;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a token has to claim (RFC 7519 §4.1), and which claims become fields of requests.
 *
 * @param issuers of whom one must have issued it; nobody in particular if empty
 * @param audiences of which one must be meant; nobody in particular if empty
 * @param leeway seconds by which clocks may differ
 * @param endless whether tokens may have no end
 * @param headers claims by the names of fields
 */
record ClaimRules(List<String> issuers, List<String> audiences, long leeway, boolean endless,
                  Map<AsciiString, String> headers) {

    /**
     * Who has a good token.
     *
     * @param from seconds since 1970 from which on it is good
     * @param until seconds since 1970 until which it is good
     * @param fields fields that the request gets
     */
    record Holder(double from, double until, Map<AsciiString, AsciiString> fields) {

        boolean isGood(long seconds) {
            return from <= seconds && seconds < until;
        }
    }

    /** Takes the claims of a token that is genuine; empty if they are not what is wanted. Its times may be over. */
    Optional<Holder> judge(ConfObject claims) {
        Optional<Conf> end = claims.get("exp");
        Optional<Conf> begin = claims.get("nbf");
        if (end.isEmpty() && !endless || !isNumber(end) || !isNumber(begin) || !isIssued(claims) || !isMeant(claims)) {
            return Optional.empty();
        }
        Map<AsciiString, AsciiString> fields = new LinkedHashMap<>();
        for (Map.Entry<AsciiString, String> header : headers.entrySet()) {
            Optional<AsciiString> value = claims.get(header.getValue()).flatMap(ClaimRules::text)
                .map(text -> new AsciiString(ConfText.encode(text), false));
            if (value.isPresent() && !Injected.isValue(value.get())) {
                return Optional.empty();
            }
            value.ifPresent(text -> fields.put(header.getKey(), text));
        }
        return Optional.of(new Holder(number(begin, Double.NEGATIVE_INFINITY) - leeway,
            number(end, Double.POSITIVE_INFINITY) + leeway, fields));
    }

    private static boolean isNumber(Optional<Conf> value) {
        return value.isEmpty() || value.get() instanceof ConfNumber;
    }

    private static double number(Optional<Conf> value, double absent) {
        return value.map(time -> ((ConfNumber) time).doubleValue()).orElse(absent);
    }

    private boolean isIssued(ConfObject claims) {
        return issuers.isEmpty() || claims.string("iss").filter(issuers::contains).isPresent();
    }

    private boolean isMeant(ConfObject claims) {
        if (audiences.isEmpty()) {
            return true;
        }
        List<Conf> meant = claims.get("aud").map(value -> value instanceof ConfArray all ? all.elements()
            : List.of(value)).orElse(List.of());
        return meant.stream().anyMatch(each -> each instanceof ConfString text && audiences.contains(text.value()));
    }

    private static Optional<String> text(Conf value) {
        return switch (value) {
            case ConfString text -> Optional.of(text.value());
            case ConfNumber number -> Optional.of(number.text());
            case ConfBoolean flag -> Optional.of(Boolean.toString(flag.value()));
            default -> Optional.empty();
        };
    }
}
