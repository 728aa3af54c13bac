// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstancesTest {
    private static final int SELF = 4000;

    @TempDir
    private Path directory;
    private Path proc;

    @BeforeEach
    void self() throws IOException {
        proc = Files.createDirectory(directory.resolve("proc"));
        process(9, 1, SELF, "unitctl");
        Files.createSymbolicLink(proc.resolve("self"), proc.resolve("9"));
    }

    private void process(long pid, long parent, int user, String title) throws IOException {
        Path process = Files.createDirectory(proc.resolve(Long.toString(pid)));
        Files.writeString(process.resolve("cmdline"), title + "\0");
        Files.writeString(process.resolve("stat"), pid + " (a) b) S " + parent + " 1 1 0");
        Files.writeString(process.resolve("status"), "Name:\tx\nUid:\t7\t" + user + "\t7\t7\n");
        Files.createSymbolicLink(process.resolve("cwd"), directory);
    }

    private Instances instances() {
        return new Instances(new Run().proc(proc).io());
    }

    @Test
    void serversAreFoundByTheirTitle() throws Exception {
        process(100, 1, 0, "unit: main v1.35.0 [/usr/sbin/unitd --control unix:/run/c.sock --log /x y.log]");
        process(101, 100, 33, "unit: router");
        process(102, 100, 33, "unit: \"a\" prototype");
        process(103, 102, 33, "unit: \"a\" application");
        process(104, 100, 0, "unit: main v1.35.0 [/usr/sbin/unitd --control unix:/run/c.sock --log /x y.log]");
        process(200, 1, SELF + 1, "unit: main v1.35.0 [x --control unix:/tmp/trap]");
        process(201, 1, SELF, "not unit: main v1.35.0 [x --control unix:/tmp/no]");
        List<Instances.Instance> found = instances().find();
        assertEquals(1, found.size(), "no stranger's, and a child that was just forked is no server: " + found);
        Instances.Instance instance = found.getFirst();
        assertEquals(100, instance.pid());
        assertEquals("1.35.0", instance.version());
        assertEquals("/usr/sbin/unitd", instance.program());
        assertEquals(List.of(101L, 102L, 103L, 104L), instance.children());
        assertEquals("unix:/run/c.sock", instances().address());
    }

    @Test
    void relativeAddressesStartWhereTheServerDid() throws Exception {
        process(100, 1, SELF, "unit: main v1.35.0 [unitd --control unix:c.sock]");
        assertEquals("unix:" + directory.toRealPath().resolve("c.sock"), instances().address());
    }

    @Test
    void theDefaultIsThatOfTheProgramsDistribution() throws Exception {
        Path home = Files.createDirectories(directory.resolve("home"));
        Files.createDirectories(home.resolve("bin"));
        Files.createFile(home.resolve("bin/unitd"));
        Files.createDirectories(home.resolve("lib"));
        Files.createFile(home.resolve("lib/launcher.jar"));
        process(100, 1, SELF, "unit: main v1.35.0 [home/bin/unitd --no-daemon]");
        assertEquals("unix:" + home.toRealPath().resolve("var/run/control.unit.sock"), instances().address());
    }

    @Test
    void noServerMeansTheDefaultHere() throws Exception {
        assertEquals("unix:/nonexistent/home/var/run/control.unit.sock", instances().address());
        Run run = new Run().proc(proc);
        assertEquals(3, run.call("instances"));
        assertEquals("", run.out());
    }

    @Test
    void severalServersMustBeChosenFrom() throws Exception {
        process(100, 1, SELF, "unit: main v1.35.0 [unitd --control unix:/a]");
        process(200, 1, 0, "unit: main v1.34.2 [unitd --control 127.0.0.1:80]");
        Run run = new Run().proc(proc);
        assertEquals(2, run.call("status"));
        assertTrue(run.err().contains("unix:/a, 127.0.0.1:80"), run.err());
        Run list = new Run().proc(proc);
        assertEquals(0, list.call("instances", "-t", "json"));
        assertEquals("[{\"pid\":100,\"version\":\"1.35.0\",\"command\":\"unitd --control unix:/a\","
            + "\"control\":\"unix:/a\",\"children\":[]},{\"pid\":200,\"version\":\"1.34.2\","
                + "\"command\":\"unitd --control 127.0.0.1:80\","
            + "\"control\":\"127.0.0.1:80\",\"children\":[]}]\n", list.out());
        Run text = new Run().proc(proc);
        assertEquals(0, text.call("instances"));
        assertTrue(text.out().startsWith("unitd instance [pid: 100, version: 1.35.0]:\n  Executable: unitd\n"
            + "  API control unix socket: unix:/a\n"), text.out());
    }
}
