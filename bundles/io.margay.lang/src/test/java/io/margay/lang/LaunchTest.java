// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.margay.conf.ConfObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LaunchTest {

    private record Some(Map<String, Integer> descriptors) implements Launch.Facts {

        @Override
        public String application() {
            return "blog";
        }

        @Override
        public String version() {
            return "1.35.0";
        }

        @Override
        public int mainPid() {
            return 7;
        }

        @Override
        public int stream() {
            return 9;
        }

        @Override
        public boolean daemon() {
            return true;
        }
    }

    @Test
    void startsFromTheInheritedEnvironment() {
        AppSpec app = new AppSpec("blog", ConfObject.builder().put("environment",
            ConfObject.builder().put("A", "conf").put("NODE_PATH", "/x").build()).build());
        Launch launch = Launch.builder(Map.of("A", "main", "B", "main", "C", "main")).argv("/bin/node").configured(app)
            .without(name -> name.startsWith("NODE") || name.equals("C")).variable("PORT", "80").argv("a.js", "b")
            .build();
        assertEquals(Map.of("A", "conf", "B", "main", "PORT", "80"), launch.environment());
        assertEquals(List.of("/bin/node", "a.js", "b"), launch.argv());
        assertEquals(Launch.Readiness.MESSAGE, launch.readiness());
        assertEquals(Launch.Prototype.FORKS, launch.prototype());
    }

    @Test
    void whatIsPreparedComesWithItsWords() {
        PreparedContent archive = new PreparedContent("archive-1.0",
            List.of(Launch.builder(Map.of()).argv("/bin/make").build()));
        Launch bare = Launch.builder(Map.of("A", "B")).argv("/bin/java").place("listen", 0)
            .prepared(archive, 3, List.of("-X", "-Y")).argv("Main", "x").orphanSignal(2).build();
        assertEquals(Optional.of(archive), bare.prepared());
        assertEquals(List.of("/bin/java", "Main", "x"), bare.argv());
        assertEquals(Optional.empty(), bare.place("archive-1.0"));
        Launch full = bare.withPrepared();
        assertEquals(List.of("/bin/java", "-X", "-Y", "Main", "x"), full.argv());
        assertEquals(Optional.of(3), full.place("archive-1.0"));
        assertEquals(Optional.of(0), full.place("listen"));
        assertEquals(Map.of("A", "B"), full.environment());
        assertEquals(2, full.orphanSignal());
        Launch none = Launch.builder(Map.of()).argv("/bin/java").build();
        assertEquals(none, none.withPrepared());
    }

    @Test
    void whatIsPreparedHasAPlainName() {
        List<Launch> steps = List.of(Launch.builder(Map.of()).argv("/bin/make").build());
        for (String bad : List.of("", "../x", "a/b", ".x", "A", "a b", "a".repeat(101))) {
            assertThrows(IllegalArgumentException.class, () -> new PreparedContent(bad, steps), bad);
        }
        assertThrows(IllegalArgumentException.class, () -> new PreparedContent("a", List.of()));
    }

    @Test
    void announcesDescriptorsInTheWayOfTheProgram() {
        Launch launch = Launch.builder(Map.of()).argv("/bin/node").readiness(Launch.Readiness.ACCEPTS)
            .prototype(Launch.Prototype.NONE).place("listen", 3).mount("/usr/lib/node", "/usr/lib/node")
            .resource("preload", new byte[] {1})
            .announce("LISTEN_FDS", facts -> "1").announce("INIT", Launch.Facts::json)
            .announce("NXT_UNIT_INIT", facts -> facts.version() + ";" + facts.stream() + ";" + facts.descriptors()
                .get("listen")).build();
        Map<String, Integer> numbers = new LinkedHashMap<>();
        numbers.put("listen", 3);
        numbers.put("preload", 4);
        Launch.Facts facts = new Some(numbers);
        assertEquals("1.35.0;9;3", launch.announcements().get("NXT_UNIT_INIT").apply(facts));
        assertEquals("{\"name\":\"blog\",\"version\":\"1.35.0\",\"parent\":7,\"daemon\":true,\"listen\":3,"
            + "\"preload\":4}", launch.announcements().get("INIT").apply(facts));
        assertEquals(Optional.of(3), launch.place("listen"));
        assertEquals(Optional.empty(), launch.place("preload"));
        assertEquals(List.of(new LanguageMount("/usr/lib/node", "/usr/lib/node")), launch.mounts());
        assertEquals("preload", launch.resources().getFirst().name());
        assertEquals(Launch.Readiness.ACCEPTS, launch.readiness());
        assertEquals(Launch.Prototype.NONE, launch.prototype());
    }

    @Test
    void refusesWhatCannotBeStarted() {
        assertThrows(IllegalStateException.class, () -> Launch.builder(Map.of()).build());
        assertThrows(IllegalArgumentException.class, () -> Launch.builder(Map.of()).place("a", 3).place("b", 3));
        assertThrows(IllegalArgumentException.class, () -> Launch.builder(Map.of()).mount("relative", "/a"));
    }
}
