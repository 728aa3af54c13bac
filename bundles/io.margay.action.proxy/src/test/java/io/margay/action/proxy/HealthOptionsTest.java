// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthOptionsTest {

    private static Optional<HealthOptions> read(String upstream) throws ConfSyntaxException {
        return HealthOptions.read((ConfObject) ConfParser.parse(upstream.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void noneAreAskedWithoutTheOption() throws ConfSyntaxException {
        assertTrue(read("{}").isEmpty());
        assertEquals(Optional.of("/ 5000 5000 1 1"), read("{\"health_check\": {}}").map(options -> options.path() + " "
            + options.interval() + " " + options.timeout() + " " + options.fails() + " " + options.passes()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{}                              | 200-399",
        "{\"status\": 204}               | 204-204",
        "{\"status\": 2.04e2}            | 204-204",
        "{\"status\": [200, 201, 202]}   | 200-202",
        "{\"status\": [599, 100, 599]}   | 100-599",
        "{\"status\": []}                | 200-399"})
    void whichStatusesAreGood(String conf, String range) throws ConfSyntaxException {
        HealthOptions options = read("{\"health_check\": " + conf + "}").orElseThrow();
        String good = IntStream.range(0, 1000).filter(options::isGood).boxed().map(String::valueOf)
            .collect(Collectors.joining(" "));
        String[] ends = range.split("-");
        assertTrue(good.startsWith(ends[0]) && good.endsWith(ends[1]), good);
        int count = conf.contains("599") ? 2 : Integer.parseInt(ends[1]) - Integer.parseInt(ends[0]) + 1;
        assertEquals(count, good.split(" ").length, good);
    }
}
