// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.posix.Descriptors;
import io.margay.posix.PosixException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A holder, and programs that enter its namespaces. */
class HolderTest {

    private static final Set<Namespace> KINDS = EnumSet.of(Namespace.CREDENTIAL, Namespace.PID, Namespace.NETWORK,
        Namespace.MOUNT, Namespace.UNAME);
    private static final List<IdMap> MAPS = List.of(new IdMap(65534, 65534, 1));
    private static final Identity NOBODY =
        new Identity("nobody", 65534, 65534, Optional.of(new int[] {65534}));

    @BeforeEach
    void root() {
        Privileges.assumeRoot();
    }

    private static Launch holder(Set<Namespace> kinds) {
        Launch launch = Launch.of("\"blog\" prototype").handshake();
        launch.plan().holder("unit: \"blog\" prototype").namespaces(kinds).maps(MAPS, MAPS).identity(NOBODY)
            .deathSignal(9);
        return launch;
    }

    private static void begin(Launch holder) {
        LaunchPlan plan = holder.plan().build();
        holder.begin(pid -> new MapWriter(true).write(pid, plan));
        assertTrue(holder.started().await(5000));
        assertEquals(List.of(), holder.started().journey().faults());
        assertEquals(Handshake.HEADER, holder.receive().length(), "READY");
        if (holder.started().clones()) {
            assertEquals(0, Launch.end(holder.started().pid()).code());
        }
    }

    private static Launch worker(HolderNamespaces namespaces, String script) {
        Launch worker = Launch.shell(script);
        worker.plan().enter(namespaces.descriptors()).identity(NOBODY);
        return worker;
    }

    @Test
    void workersShareItsNamespaces() throws IOException {
        try (Launch holder = holder(KINDS)) {
            begin(holder);
            try (HolderNamespaces namespaces = HolderNamespaces.open(holder.pid(), KINDS);
                Launch worker = worker(namespaces, "readlink /proc/self/ns/net; echo $$ $PPID; id -u; ls /proc/$$/fd")
                    .handshake()) {
                worker.begin(pid -> assertTrue(pid > 2));
                Launch.Result result = worker.finish();
                assertEquals("", result.fault());
                String network = Files.readSymbolicLink(Path.of("/proc/" + holder.pid() + "/ns/net")).toString();
                assertEquals(network, result.lines().getFirst());
                assertEquals(List.of("2 0", "65534"), result.lines().subList(1, 3), "its parent is main, outside");
            }
            holder.send(22);
            assertEquals(0, Launch.end(holder.pid()).code());
        }
    }

    @Test
    void orphansAreReaped() throws IOException {
        try (Launch holder = holder(KINDS)) {
            begin(holder);
            try (HolderNamespaces namespaces = HolderNamespaces.open(holder.pid(), KINDS);
                Launch worker = worker(namespaces, "sh -c 'sleep 0.1 & echo $!'; exit 0").handshake()) {
                Launch.Result result = worker.run();
                assertEquals(1, result.lines().size());
                Path children = Path.of("/proc/" + holder.pid() + "/task/" + holder.pid() + "/children");
                long deadline = System.nanoTime() + 5_000_000_000L;
                while (!Files.readString(children).isEmpty()) {
                    assertTrue(System.nanoTime() < deadline, "a child is left, dead or alive");
                    Thread.onSpinWait();
                }
            }
            holder.hangUp();
            assertEquals(0, Launch.end(holder.pid()).code(), "main's death ends it");
        }
    }

    @Test
    void itsStateIsThatOfAKeeper() throws IOException {
        try (Launch holder = holder(KINDS)) {
            begin(holder);
            Path proc = Path.of("/proc/" + holder.pid());
            assertEquals("unit: \"blog\" prototype\0", Files.readString(proc.resolve("cmdline")));
            assertEquals("unit\n", Files.readString(proc.resolve("comm")));
            try (var open = Files.list(proc.resolve("fd"))) {
                assertEquals(List.of("0", "1", "2", "4"),
                    open.map(path -> path.getFileName().toString()).sorted().toList());
            }
            String status = Files.readString(proc.resolve("status"));
            assertTrue(status.contains("CapEff:\t0000000000000000"), status);
            assertTrue(status.contains("CapPrm:\t0000000000000000"), status);
            for (int i = 0; i < 3; i++) {
                holder.send(13);
            }
            assertFalse(io.margay.posix.Processes.wait(holder.pid()).isPresent(), "other messages do not end it");
            holder.send(22);
            assertEquals(0, Launch.end(holder.pid()).code());
        }
    }

    /** Main's own rights would be theirs whom the application makes root, if they could trace it. */
    @Test
    void nobodyOfTheApplicationCanTraceOneThatEnters() throws IOException {
        try (Launch holder = holder(KINDS)) {
            begin(holder);
            try (HolderNamespaces namespaces = HolderNamespaces.open(holder.pid(), KINDS);
                Launch worker = worker(namespaces, "stat -c %u /proc/$$/fd").handshake()) {
                worker.begin(pid -> assertEquals(0, owner(pid), "before the exec nobody but root may look at it"));
                assertEquals("65534\n", worker.finish().output());
            }
            holder.send(22);
            assertEquals(0, Launch.end(holder.pid()).code());
        }
    }

    private static int owner(int pid) {
        try {
            return (int) Files.getAttribute(Path.of("/proc/" + pid + "/fd"), "unix:uid");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** The root of the holder's namespace is the application's, or it is changed again below mounts that are there. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void workersHaveTheRootAndTheMountsOfTheHolder(boolean namespace, @TempDir Path directory) throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<Mount> mounts = new ArrayList<>(List.of(Mount.bind("/usr")));
        for (String name : List.of("bin", "lib", "lib64")) {
            Path link = Path.of("/", name);
            if (Files.isSymbolicLink(link)) {
                Files.createSymbolicLink(directory.resolve(name), Files.readSymbolicLink(link));
            } else if (Files.isDirectory(link)) {
                mounts.add(Mount.bind(link.toString()));
            }
        }
        Isolation isolation = Isolation.parse("blog", (ConfObject) ConfParser.parse(("{\"isolation\": {\"rootfs\": \""
            + directory + "\", \"namespaces\": {\"mount\": " + namespace + "}}}").getBytes(StandardCharsets.UTF_8)),
            Server.current("nobody", "", false), (user, group) -> new Account(user, 65534, 65534, new int[] {65534}));
        try (Launch holder = Launch.of("\"blog\" prototype").handshake()) {
            isolation.apply(holder.plan().holder("unit: holder"),
                Mounts.of(isolation.automount(), mounts, notice -> { }));
            LaunchPlan plan = holder.plan().build();
            assertEquals(EnumSet.of(Namespace.MOUNT), plan.madeNamespaces());
            begin(holder);
            try (HolderNamespaces namespaces = HolderNamespaces.open(holder.pid(), plan.madeNamespaces())) {
                assertEquals("/ usr\n", entered(isolation, namespaces, "echo hello > /tmp/note; echo $PWD u*"));
                assertEquals("hello\n65534\n", entered(isolation, namespaces, "cat /tmp/note; id -u"));
            }
            holder.send(22);
            assertEquals(0, Launch.end(holder.pid()).code());
        }
        try (var left = Files.list(directory.resolve("tmp"))) {
            assertEquals(0, left.count(), "the host sees nothing of it");
        }
    }

    private static String entered(Isolation isolation, HolderNamespaces namespaces, String script) {
        try (Launch worker = Launch.shell(script)) {
            isolation.enter(worker.plan(), namespaces);
            Launch.Result result = worker.run();
            assertEquals("", result.fault());
            return result.output();
        }
    }

    @Test
    void withoutNamespaces() {
        try (Launch holder = holder(Set.of())) {
            begin(holder);
            assertFalse(holder.started().clones());
            try (HolderNamespaces none = HolderNamespaces.open(holder.pid(), Set.of());
                Launch worker = worker(none, "echo up")) {
                assertEquals("up\n", worker.run().output());
            }
            holder.send(22);
            assertEquals(0, Launch.end(holder.pid()).code());
        }
    }

    @Test
    void workerCannotEnterAfterTheHoldersDeath() {
        try (Launch holder = holder(KINDS)) {
            begin(holder);
            try (HolderNamespaces namespaces = HolderNamespaces.open(holder.pid(), KINDS)) {
                holder.send(22);
                assertEquals(0, Launch.end(holder.pid()).code());
                try (Launch worker = worker(namespaces, "echo up")) {
                    assertEquals("clone() failed for \"test\" prototype (12: Cannot allocate memory)",
                        worker.run().fault());
                }
            }
            int before = Descriptors.open().length;
            assertThrows(PosixException.class, () -> HolderNamespaces.open(holder.pid(), KINDS));
            assertEquals(before, Descriptors.open().length);
        }
    }

    @Test
    void nothingStaysOpen() {
        withoutNamespaces();
        int[] before = Descriptors.open();
        withoutNamespaces();
        workerCannotEnterAfterTheHoldersDeath();
        assertArrayEquals(before, Descriptors.open());
    }
}
