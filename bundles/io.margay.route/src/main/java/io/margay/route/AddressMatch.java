// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import io.margay.conf.ConfPointer;
import io.margay.http.PeerAddress;
import io.margay.posix.AddressPattern;
import java.util.ArrayList;
import java.util.List;

/** Patterns for addresses (spec/routing.md §4.3); an empty array matches nothing. */
final class AddressMatch {

    private final AddressPattern[] negated;
    private final AddressPattern[] positive;

    private AddressMatch(AddressPattern[] negated, AddressPattern[] positive) {
        this.negated = negated;
        this.positive = positive;
    }

    static AddressMatch compile(Conf value, ConfPointer at) {
        List<AddressPattern> negated = new ArrayList<>();
        List<AddressPattern> positive = new ArrayList<>();
        List<Conf> all = Patterns.elements(value);
        for (int i = 0; i < all.size(); i++) {
            ConfPointer place = value == all.get(i) ? at : at.child(i);
            String text = Patterns.string(all.get(i)).orElseThrow(() ->
                new RouteException(place, "The \"match\" pattern for \"address\" must be a string."));
            boolean negation = text.startsWith("!");
            (negation ? negated : positive).add(pattern(negation ? text.substring(1) : text, place));
        }
        return new AddressMatch(negated.toArray(AddressPattern[]::new), positive.toArray(AddressPattern[]::new));
    }

    boolean test(PeerAddress address) {
        for (AddressPattern pattern : negated) {
            if (pattern.matches(address.ip(), address.port())) {
                return false;
            }
        }
        for (AddressPattern pattern : positive) {
            if (pattern.matches(address.ip(), address.port())) {
                return true;
            }
        }
        return positive.length == 0 && negated.length > 0;
    }

    private static AddressPattern pattern(String text, ConfPointer at) {
        try {
            return AddressPattern.parse(text);
        } catch (IllegalArgumentException e) {
            throw new RouteException(at, e.getMessage(), e);
        }
    }
}
