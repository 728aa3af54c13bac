// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BootApplyTest {
    private static final String INITIAL = "{\"listeners\":{},\"routes\":[],\"applications\":{}}";

    private final Bench bench = new Bench();

    private static String apps(String... names) {
        return "{\"applications\":{" + String.join(",", Stream.of(names).map(name -> "\"" + name
            + "\":{\"type\":\"external\",\"executable\":\"x\"}").toList()) + "}}";
    }

    private void start(String stored) {
        bench.api.start(Optional.of(Bench.bytes(stored)), () -> bench.log.add("rejected"));
        bench.drain();
    }

    private void breakApplications(boolean named, String... broken) {
        bench.applier = (conf, without) -> {
            Optional<String> fails = Stream.of(broken).filter(name -> conf.contains("\"" + name + "\"")
                && !without.contains(name)).findFirst();
            return CompletableFuture.completedFuture(fails.isEmpty() ? Applied.success()
                : named ? Applied.failure("no " + fails.get(), fails.get()) : Applied.failure("no"));
        };
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{|alert failed to restore previous configuration: file is corrupted or not enough memory",
        "[]|alert the previous configuration is invalid: The configuration must be an object, but not an array.",
        "{\"x\":1}|alert the previous configuration is invalid: Unknown parameter \"x\"."})
    void unusableConfigurationsAreSetAside(String stored, String line) {
        start(stored);
        assertEquals(List.of(line, "rejected"), bench.log);
        assertEquals(List.of(INITIAL), bench.applied);
        assertEquals(List.of(), bench.stored);
    }

    @ParameterizedTest
    @CsvSource({"true, 3", "false, 5"})
    void brokenApplicationsAreLeftOut(boolean named, int attempts) {
        breakApplications(named, "a", "c");
        start(apps("a", "b", "c"));
        assertEquals(attempts, bench.applied.size(), bench.applied::toString);
        assertEquals(apps("a", "b", "c") + " without [a, c]", named ? bench.applied.getLast() : bench.applied.get(3));
        assertEquals(2, bench.log.size());
        assertEquals("alert application \"a\" is left out of service: no" + (named ? " a" : ""), bench.log.getFirst());
        // The others can be changed, and what is left out stays so until it changes itself.
        assertEquals("200", bench.say("PUT", "/config/applications/d", app("x")).substring(0, 3));
        assertEquals("500", bench.say("PUT", "/config/applications/a", app("z")).substring(0, 3));
        breakApplications(named, "a");
        bench.applied.clear();
        assertEquals("200", bench.say("PUT", "/config/applications/c", app("z")).substring(0, 3));
        assertEquals(Set.of("[a]"), Set.of(bench.applied.getFirst().replaceAll(".* without ", "")));
    }

    private static String app(String executable) {
        return "{\"type\":\"external\",\"executable\":\"" + executable + "\"}";
    }

    @Test
    void whatIsBadWithoutApplicationsIsBad() {
        bench.applier = (conf, without) -> CompletableFuture.completedFuture(
            conf.equals(INITIAL) ? Applied.success() : Applied.failure("bind() failed"));
        start(apps("a", "b"));
        assertEquals(List.of(apps("a", "b"), apps("a", "b") + " without [a, b]", INITIAL), bench.applied);
        assertEquals(List.of("alert failed to apply previous configuration: bind() failed", "rejected"), bench.log);
    }

    @Test
    void anApplicationWhoseLanguageIsMissingWaitsForIt() {
        bench.python = false;
        String conf = "{\"applications\":{\"a\":{\"type\":\"python 3\",\"module\":\"m\"}},"
            + "\"listeners\":{\"*:80\":{\"pass\":\"applications/a\"}}}";
        start(conf);
        assertEquals(List.of(conf + " without [a]"), bench.applied);
        assertEquals("200", bench.say("PUT", "/config/routes", "[]").substring(0, 3));
        bench.python = true;
        bench.applied.clear();
        bench.api.reapply();
        bench.drain();
        assertEquals(List.of(conf.substring(0, conf.length() - 1) + ",\"routes\":[]}"), bench.applied);
    }
}
