// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.control.ControlPeer;
import io.margay.control.ControlRequest;
import io.margay.control.RequestHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HappeningsTest {
    private static final ControlRequest REQUEST = new ControlRequest("PUT", "/config?x", RequestHeaders.NONE,
        new byte[0], new ControlPeer.Remote("test"));
    private static final String PEER = "'peer':{'address':'test'}";

    private final List<String> told = new ArrayList<>();
    private final Happenings happenings = new Happenings();

    @BeforeEach
    void listen() {
        happenings.to(Optional.of((type, what, about, cause) -> {
            told.add(type + " " + what + " " + new String(ConfWriter.compact(about), StandardCharsets.UTF_8)
                .replace('"', '\'') + " " + cause);
            return told.size();
        }));
    }

    private static ConfObject conf(String text) {
        try {
            return (ConfObject) ConfParser.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        } catch (ConfSyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Test
    void aChangeIsTheCauseOfWhatItDoesToApplications() {
        happenings.changed(REQUEST, OptionalLong.of(7),
            conf("{'applications': {'same': {}, 'gone': {}, 'other': {'user': 'a'}, 'bad': {}}}"),
            conf("{'applications': {'same': {}, 'other': {'user': 'b'}, 'new': {}, 'bad': {}}}"),
            new LeftOut(Map.of("bad", "no file"), Map.of()));
        assertEquals(List.of(
            "configuration changed {'method':'PUT','path':'/config'," + PEER + ",'revision':7} 0",
            "application stopped {'application':'gone','revision':7} 1",
            "application restarted {'application':'other','revision':7} 1",
            "application failed {'application':'bad','revision':7,'reason':'no file'} 1",
            "application started {'application':'new','revision':7} 1"), told);
    }

    @Test
    void aConfigurationThatIsAppliedAgainNamesWhy() {
        ConfObject same = conf("{'applications': {'one': {}}}");
        happenings.process(conf("{'pid': 5, 'kind': 'router', 'started': true}"));
        happenings.restored(OptionalLong.empty(), same, same, LeftOut.NOTHING);
        happenings.restored(OptionalLong.empty(), ConfObject.EMPTY, same, LeftOut.NOTHING);
        assertEquals(List.of("process started {'pid':5,'kind':'router'} 0", "configuration reapplied {} 1",
            "configuration restored {} 0", "application started {'application':'one'} 3"), told);
    }

    @Test
    void whatOthersSayIsCut() {
        happenings.process(conf("{'pid': 6, 'kind': 'app', 'application': '" + "x".repeat(5000)
            + "', 'secret': 1}"));
        assertEquals(List.of("process ended {'pid':6,'kind':'app','application':'" + "x".repeat(1000) + "'} 0"), told);
    }

    @Test
    void deedsOfClientsAreTold() {
        happenings.restarted(REQUEST, "one", Optional.empty());
        happenings.restarted(REQUEST, "one", Optional.of("no module"));
        happenings.content(REQUEST, "certificate", "c", "stored");
        happenings.module("a.b", "1.0.0", false);
        assertEquals(List.of("application restarted {'application':'one'," + PEER + "} 0",
            "application failed {'application':'one'," + PEER + ",'reason':'no module'} 0",
            "certificate stored {'name':'c'," + PEER + "} 0",
            "module removed {'module':'a.b','version':'1.0.0'} 0"), told);
    }

    @Test
    void whereNobodyFollowsNothingIsTold() {
        happenings.to(Optional.empty());
        happenings.content(REQUEST, "script", "s", "deleted");
        assertEquals(List.of(), told);
    }
}
