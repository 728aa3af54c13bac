// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.conf.ConfPointer;
import io.margay.schema.Problem;
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
        bench.plane.start(Optional.of(Bench.bytes(stored)), () -> bench.log.add("rejected"));
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

    @ParameterizedTest
    @CsvSource({"0", "1", "2"})
    void aRouterThatDiesMeanwhileIsNoReasonToForgetWhatIsStored(int answers) {
        breakApplications(false, "a");
        var breaking = bench.applier;
        bench.applier = (conf, without) -> bench.applied.size() > answers
            ? CompletableFuture.completedFuture(Applied.unjudged("the router process died"))
            : breaking.apply(conf, without);
        start(apps("a", "b"));
        assertEquals(List.of("warn the previous configuration is applied when the router is back: the router process "
            + "died"), bench.log);
        bench.applier = (conf, without) -> CompletableFuture.completedFuture(Applied.success());
        bench.plane.reapply();
        bench.drain();
        assertEquals(apps("a", "b"), bench.applied.getLast());
        assertEquals(List.of(), bench.stored);
    }

    private static String app(String executable) {
        return "{\"type\":\"external\",\"executable\":\"" + executable + "\"}";
    }

    private void close(String... addresses) {
        bench.applier = (conf, without) -> CompletableFuture.completedFuture(Stream.of(addresses)
            .filter(address -> conf.contains("\"" + address + "\"") && !without.contains(address)).findFirst()
            .map(address -> Applied.closed("busy " + address, address)).orElse(Applied.success()));
    }

    @Test
    void listenersThatCannotBeOpenedAreLeftOutUntilTheyCan() {
        int[] calls = new int[1];
        bench.plane.whenListenersAreClosed(() -> calls[0]++);
        close("*:80", "*:82");
        String conf = "{\"listeners\":{\"*:80\":{\"pass\":\"routes\"},\"*:81\":{\"pass\":\"routes\"},"
            + "\"*:82\":{\"pass\":\"routes\"}},\"routes\":[]";
        start(conf + "}");
        assertEquals(conf + "} without [*:80, *:82]", bench.applied.getLast());
        assertEquals(List.of("alert listener \"*:80\" is left out of service and tried again: busy *:80",
            "alert listener \"*:82\" is left out of service and tried again: busy *:82"), bench.log);
        assertEquals("200 {\"*:80\": {\"error\": \"busy *:80\"},\"*:82\": {\"error\": \"busy *:82\"}}",
            bench.say("GET", "/status/listeners", ""));
        // Nothing else is hindered; what changes the listener itself has to open it.
        assertEquals("200", bench.say("PUT", "/config/settings", "{}").substring(0, 3));
        assertEquals("500", bench.say("PUT", "/config/listeners/*:80/backlog", "5").substring(0, 3));
        assertEquals(2, calls[0]);
        close("*:82");
        bench.log.clear();
        CompletableFuture<Boolean> open = bench.plane.openListeners().toCompletableFuture();
        bench.drain();
        assertEquals(false, open.join());
        assertEquals(List.of("info listener \"*:80\" is in service now"), bench.log);
        assertEquals(3, calls[0]);
        close();
        open = bench.plane.openListeners().toCompletableFuture();
        bench.drain();
        assertEquals(true, open.join());
        assertEquals("404", bench.say("GET", "/status/listeners", "").substring(0, 3));
        assertEquals(3, calls[0]);
    }

    @Test
    void aListenerWithAValueThatTheRouterDoesNotTakeIsLeftOut() {
        String pointer = "/listeners/*:80/tls/stapling";
        bench.applier = (conf, without) -> CompletableFuture.completedFuture(without.contains("*:80")
            ? Applied.success() : Applied.invalid(new Problem("no issuer", ConfPointer.parse(pointer),
                Optional.empty())));
        String conf = "{\"listeners\":{\"*:80\":{\"pass\":\"routes\"},\"*:81\":{\"pass\":\"routes\"}},"
            + "\"routes\":[]}";
        start(conf);
        assertEquals(conf + " without [*:80]", bench.applied.getLast());
        assertEquals(List.of("alert listener \"*:80\" is left out of service and tried again: no issuer (" + pointer
            + ")"), bench.log);
    }

    @Test
    void theStatusNamesWhatIsLeftOut() {
        breakApplications(true, "b");
        start(apps("a", "b"));
        assertEquals("200 {\"b\": {\"processes\": {\"running\": 0,\"starting\": 0,\"idle\": 0},"
            + "\"requests\": {\"active\": 0},\"error\": \"no b\"}}", bench.say("GET", "/status/applications", ""));
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
        bench.plane.reapply();
        bench.drain();
        assertEquals(List.of(conf.substring(0, conf.length() - 1) + ",\"routes\":[]}"), bench.applied);
    }
}
