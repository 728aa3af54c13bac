// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AnnouncerTest {

    static Stream<Arguments> pairs() {
        List<ProcessType> types = Kinds.stock().all();
        return types.stream().skip(1).flatMap(a -> types.stream().skip(1).map(b -> Arguments.of(a, b)));
    }

    @ParameterizedTest(name = "{0} meets {1}")
    @MethodSource("pairs")
    void announcementsFollowTheSendMatrix(ProcessType freshType, ProcessType otherType) {
        try (Mates mates = new Mates()) {
            mates.add(20, otherType.word());
            ProcessEntry fresh = mates.add(10, freshType.word()).stream(99);
            new Announcer(Mates.SELF, mates.table, mates.lines).announce(fresh);
            String fds = freshType.is("app") ? "" : " fds 1";
            String otherFds = otherType.is("app") ? "" : " fds 1";
            assertEquals(ProcessKinds.announced(otherType, freshType)
                ? List.of("new 10.0 type " + freshType.number() + fds) : List.of(), mates.inbox(20));
            assertEquals(ProcessKinds.announced(freshType, otherType)
                ? List.of("new 20.0 type " + otherType.number() + otherFds) : List.of(), mates.inbox(10));
            assertEquals(List.of(), mates.lines.all);
        }
    }

    @ParameterizedTest(name = "{0} dies, {1} lives")
    @MethodSource("pairs")
    void deathsFollowTheRemoveMatrix(ProcessType deadType, ProcessType otherType) {
        try (Mates mates = new Mates()) {
            mates.add(20, otherType.word());
            ProcessEntry dead = mates.add(10, deadType.word());
            new Announcer(Mates.SELF, mates.table, mates.lines).remove(dead, 7);
            assertEquals(ProcessKinds.told(otherType, deadType) ? List.of("remove 10 stream 7") : List.of(),
                mates.inbox(20));
            assertEquals(List.of(), mates.inbox(10));
        }
    }

    /** While one router takes the place of another, each knows the processes of its own applications alone. */
    @Test
    void whatARouterHasOrderedIsKnownToThatOneAlone() {
        try (Mates mates = new Mates()) {
            ProcessEntry own = mates.add(20, "router");
            mates.add(21, "router");
            ProcessEntry prototype = mates.add(10, "prototype").orderedBy(Optional.of(own));
            Announcer announcer = new Announcer(Mates.SELF, mates.table, mates.lines);
            announcer.announce(prototype);
            assertEquals(List.of("new 10.0 type 4 fds 1"), mates.inbox(20));
            assertEquals(List.of(), mates.inbox(21));
            announcer.remove(mates.table.find(21).orElseThrow(), 0);
            assertEquals(List.of(), mates.inbox(10));
            announcer.remove(prototype, 7);
            assertEquals(List.of("remove 21", "remove 10 stream 7"), mates.inbox(20));
            assertEquals(List.of(), mates.inbox(21));
            announcer.remove(own, 0);
            assertEquals(List.of("remove 20"), mates.inbox(10));
        }
    }

    @Test
    void onlyReadyProcessesAreTold() {
        try (Mates mates = new Mates()) {
            mates.add(20, "controller", ProcessState.CREATED, mates.main);
            mates.add(21, "controller");
            ProcessEntry router = mates.add(10, "router");
            new Announcer(Mates.SELF, mates.table, mates.lines).announce(router);
            List<List<String>> inboxes = new ArrayList<>();
            for (int pid : new int[] {20, 21, 10}) {
                inboxes.add(mates.inbox(pid));
            }
            assertEquals(List.of(List.of(), List.of("new 10.0 type 3 fds 1"), List.of("new 21.0 type 2 fds 1")),
                inboxes);
        }
    }
}
