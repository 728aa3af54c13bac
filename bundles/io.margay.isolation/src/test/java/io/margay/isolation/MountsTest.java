// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MountsTest {

    private final List<Notice> log = new ArrayList<>();

    private List<String> targets(Automount automount, List<Mount> language) {
        return Mounts.of(automount, language, log::add).stream().map(Mount::target).toList();
    }

    @Test
    void byTypeThenLengthThenName() {
        List<Mount> language = List.of(Mount.bind("/usr/lib"), Mount.bind("/usr"), Mount.bind("/etc"));
        assertEquals(List.of("/proc", "/tmp", "/etc", "/usr", "/usr/lib"),
            targets(new Automount(true, true, true), language));
        assertEquals(List.of(), log);
    }

    @Test
    void eachCanBeLeftOut() {
        List<Mount> language = List.of(Mount.bind("/usr"));
        assertEquals(List.of("/proc", "/tmp"), targets(new Automount(false, true, true), language));
        assertEquals(List.of("/proc", "/usr"), targets(new Automount(true, false, true), language));
        assertEquals(List.of("/tmp", "/usr"), targets(new Automount(true, true, false), language));
        assertEquals(List.of(), targets(new Automount(false, false, false), language));
    }

    @Test
    void missingSourceIsLeftOut() {
        assertEquals(List.of("/usr"), targets(new Automount(true, false, false),
            List.of(Mount.bind("/nonexistent"), Mount.bind("/usr"), Mount.bind("/a\0b"))));
        assertEquals(List.of(new Notice(Severity.WARN, "host path not found: /nonexistent"),
            new Notice(Severity.WARN, "host path not found: /a\0b")), log);
    }

    @Test
    void flagsOfABindHaveNoEffect() {
        Mount mount = new Mount(Mount.Type.BIND, "/usr", "/usr", Set.of(Mount.Flag.RDONLY), "");
        assertEquals(List.of("/usr"), targets(new Automount(true, false, false), List.of(mount)));
        assertEquals(List.of(new Notice(Severity.WARN, "bind mount ignores additional flags")), log);
    }

    @Test
    void bitsAreThoseOfTheKernel() {
        assertEquals(0x5000, Mount.bind("/usr").bits());
        List<Mount> mounts = Mounts.of(new Automount(false, true, true), List.of(), log::add);
        assertEquals(0x20000a, mounts.get(0).bits());
        assertEquals(0x20000e, mounts.get(1).bits());
        assertEquals("size=1m,mode=1777", mounts.get(1).data());
        assertEquals("0", new Mount(Mount.Type.PROC, "none", "/proc", Set.of(), "").flagText());
    }
}
