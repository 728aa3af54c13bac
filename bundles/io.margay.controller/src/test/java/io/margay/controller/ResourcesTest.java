// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Constants;

/** Resources beside those of the server, as other bundles bring them. */
class ResourcesTest {
    private final Bench bench = new Bench().started("{}");

    /** Answers with its name when its gate opens. */
    private static class Extra implements ControlResource {
        private final String prefix;
        private final String name;
        private final Set<String> methods;
        CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);

        Extra(String prefix, String name, String... methods) {
            this.prefix = prefix;
            this.name = name;
            this.methods = Set.of(methods);
        }

        @Override
        public String prefix() {
            return prefix;
        }

        @Override
        public Set<String> methods() {
            return methods;
        }

        @Override
        public CompletionStage<ControlReply> handle(ControlRequest request) {
            return gate.thenApply(open -> ControlReply.bytes("text/plain", Bench.bytes(name + " "
                + request.place().segments())));
        }
    }

    private void add(ControlResource resource, long id) {
        bench.resources.add(resource, Map.of(Constants.SERVICE_ID, id));
    }

    @Test
    void theLongestPrefixAnswersSegmentBySegment() {
        add(new Extra("/control/extra", "a"), 1);
        add(new Extra("/control/extra/deep", "b"), 2);
        assertEquals("200 a [control, extra]", bench.say("GET", "/control/extra", ""));
        assertEquals("200 a [control, extra, deeper]", bench.say("GET", "/control/extra/deeper/", ""));
        assertEquals("200 b [control, extra, deep, x]", bench.say("GET", "/control/extra/deep/x?y", ""));
        assertTrue(bench.say("GET", "/control/extras", "").startsWith("404 "));
        assertTrue(bench.say("PUT", "/control/extras", "").startsWith("405 "));
        assertTrue(bench.say("PUT", "/extras", "").startsWith("404 "));
        assertTrue(bench.say("GET", "/control", "").startsWith("404 "));
    }

    @Test
    void oneThatGoesEndsWhatItHasBegun() {
        Extra extra = new Extra("/control/extra", "a");
        extra.gate = new CompletableFuture<>();
        add(extra, 1);
        CompletableFuture<ControlReply> reply = bench.ask("GET", "/control/extra", "");
        bench.resources.remove(extra);
        assertTrue(bench.say("GET", "/control/extra", "").startsWith("404 "));
        add(new Extra("/control/extra", "new"), 2);
        assertEquals("200 new [control, extra]", bench.say("GET", "/control/extra", ""));
        extra.gate.complete(null);
        bench.drain();
        assertEquals("a [control, extra]", Bench.compact(reply.getNow(null)));
    }

    @Test
    void ofTwoWithOnePrefixTheOlderAnswers() {
        add(new Extra("/control/extra", "newer"), 1_000);
        add(new Extra("/control/extra", "older"), 999);
        assertEquals("200 older [control, extra]", bench.say("GET", "/control/extra", ""));
    }

    @Test
    void methodsPolicyAndAuditComeBefore() {
        add(new Extra("/control/extra", "a", "GET", "PUT"), 1);
        assertTrue(bench.say("DELETE", "/control/extra", "").startsWith("405 {\"error\": \"Method isn't allowed.\""));
        bench.audit.clear();
        bench.say("GET", "/control/extra", "");
        assertEquals(List.of(), bench.audit);
        bench.say("PUT", "/control/extra/\u0001?x", "");
        assertEquals(List.of("control: PUT /control/extra/? by uid 0, gid 0, pid 1"), bench.audit);
        assertTrue(bench.say("PUT", "/control/extra?dry-run", "").startsWith("400 "), "it would not be dry");
    }

    @Test
    void faultsOfResourcesAreContained() {
        add(new Extra("no path", "x"), 1);
        ControlResource broken = new Extra("/control/broken", "x") {
            @Override
            public CompletionStage<ControlReply> handle(ControlRequest request) {
                throw new LinkageError("no such class");
            }
        };
        add(broken, 2);
        assertEquals("500 {\"error\": \"Internal error.\",\"detail\": \"no such class\"}",
            bench.say("GET", "/control/broken", ""));
        Extra failing = new Extra("/control/failing", "x");
        failing.gate = CompletableFuture.failedFuture(new IllegalStateException("not now"));
        add(failing, 3);
        assertEquals("500 {\"error\": \"Internal error.\",\"detail\": \"not now\"}",
            bench.say("GET", "/control/failing", ""));
        assertEquals(3, bench.log.stream().filter(line -> line.startsWith("alert ")).count(), bench.log::toString);
        assertTrue(bench.say("GET", "/config", "").startsWith("200 "));
    }
}
