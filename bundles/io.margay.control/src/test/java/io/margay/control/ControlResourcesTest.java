// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who answers for a path. */
class ControlResourcesTest {

    private final List<String> log = new ArrayList<>();
    private final ControlResources resources = new ControlResources((level, text) -> log.add(text));

    private record Fixed(String prefix) implements ControlResource {
        @Override
        public CompletionStage<ControlReply> handle(ControlRequest request) {
            return CompletableFuture.completedFuture(ControlReply.missing());
        }
    }

    private Fixed add(String prefix, long service, long bundle) {
        Fixed resource = new Fixed(prefix);
        resources.add(resource, Map.of("service.id", service, "service.bundleid", bundle));
        return resource;
    }

    private Optional<ControlResource> find(String path) {
        return resources.find(ControlPath.parse(path).orElseThrow());
    }

    @ParameterizedTest
    @CsvSource({"/, /", "/a, /a", "/a/, /a", "/a/x, /a", "/a/b, /a/b", "/a/b/c, /a/b", "/ab, ", "/b, "})
    void theLongestPrefixHasIt(String path, String prefix) {
        add("/", 1, 1);
        add("/a", 2, 1);
        add("/a/b", 3, 1);
        assertEquals(Optional.ofNullable(prefix), find(path).map(ControlResource::prefix));
    }

    @Test
    void ofTwoVersionsTheOneThatCountsAnswers() {
        Set<Long> counting = new HashSet<>(Set.of(1L));
        resources.counting(counting::contains);
        Fixed before = add("/a", 5, 1);
        Fixed after = add("/a", 6, 2);
        assertEquals(Optional.of(before), find("/a"));
        counting.remove(1L);
        counting.add(2L);
        assertEquals(Optional.of(after), find("/a"));
        resources.remove(after);
        assertEquals(Optional.empty(), find("/a"));
        assertEquals(List.of(), log);
    }

    @Test
    void rivalsAreBundlesThatCountAndClaimOnePrefix() {
        add("/a", 5, 1);
        add("/a", 6, 2);
        add("/b", 7, 2);
        assertEquals(Optional.empty(), resources.rivals(bundle -> bundle == 2));
        assertEquals(Optional.of(new ControlResources.Rivals("/a", 1, 2)), resources.rivals(bundle -> true));
    }

    @Test
    void whatIsNoPathIsLeftOutAndNamed() {
        add("a?b", 5, 1);
        assertEquals(1, log.size());
        assertEquals(Optional.empty(), resources.rivals(bundle -> true));
    }
}
