// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How servers are asked whether they are well.
 *
 * @param path what they are asked for
 * @param host the field {@code Host} of the question; the address if empty
 * @param interval milliseconds from one answer to the next question
 * @param timeout milliseconds that a question and its answer may take
 * @param fails bad answers in a row after which a server gets no requests
 * @param passes good ones in a row after which it gets them again
 * @param statuses those of good answers; 200 to 399 if empty
 */
record HealthOptions(String path, Optional<String> host, int interval, int timeout, int fails, int passes,
    Set<Integer> statuses) {
    private static final int GOOD = 200;
    private static final int BAD = 400;

    static Optional<HealthOptions> read(ConfObject upstream) {
        return upstream.object("health_check").map(conf -> new HealthOptions(conf.string("path").orElse("/"),
            conf.string("host"), ProxyTimeouts.millis(conf, "interval", 5000),
            ProxyTimeouts.millis(conf, "timeout", 5000), (int) conf.integer("fails", 1),
            (int) conf.integer("passes", 1), statuses(conf)));
    }

    private static Set<Integer> statuses(ConfObject conf) {
        List<Conf> values = conf.get("status").map(value -> value instanceof ConfArray array ? array.elements()
            : List.of(value)).orElse(List.of());
        return values.stream().map(value -> (int) ((ConfNumber) value).longValue())
            .collect(Collectors.toUnmodifiableSet());
    }

    boolean isGood(int status) {
        return statuses.isEmpty() ? status >= GOOD && status < BAD : statuses.contains(status);
    }
}
