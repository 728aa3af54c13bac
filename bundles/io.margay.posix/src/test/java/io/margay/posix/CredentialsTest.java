// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CredentialsTest {
    @Test
    void ownIdsAreThoseOfTheKernel() {
        assertEquals(Files.status("/proc/self").orElseThrow().uid(), Credentials.effectiveUid());
        assertEquals(Credentials.uid(), Credentials.effectiveUid());
        assertEquals(Credentials.gid(), Credentials.effectiveGid());
        Credentials.verify(Credentials.uid(), Credentials.gid(), Credentials.groups());
        assertEquals(Credentials.effectiveUid() == 0, (Credentials.effectiveCapabilities() & 1) != 0);
    }

    @Test
    void differenceIsFound() {
        assertThrows(IllegalStateException.class,
            () -> Credentials.verify(Credentials.uid() + 1, Credentials.gid(), Credentials.groups()));
        assertThrows(IllegalStateException.class,
            () -> Credentials.verify(Credentials.uid(), Credentials.gid() + 1, Credentials.groups()));
        assertThrows(IllegalStateException.class,
            () -> Credentials.verify(Credentials.uid(), Credentials.gid(), new int[] {12345, 12346}));
    }

    @Test
    void groupsOfUsers() {
        assertEquals(0, Credentials.groupsOf("root", 0)[0]);
        assertEquals(List.of(77), java.util.Arrays.stream(Credentials.groupsOf("no-such-user", 77)).boxed().toList());
        assertThrows(PosixException.class, () -> Credentials.groupsOf("a\0b", 0));
    }

    @Test
    void ordinaryUserIsRefused() {
        assumeTrue(Credentials.effectiveUid() != 0, "root may take on any credential");
        assertEquals("setgid(0) failed (1: Operation not permitted)",
            assertThrows(PosixException.class, () -> Credentials.apply(0, 0, new int[0])).getMessage());
    }

    /** The change cannot be undone, so it is done in a JVM of its own, with more threads than one. */
    @Test
    void everyThreadChanges() {
        assumeTrue(Credentials.effectiveUid() == 0, "only root takes on other credentials");
        String java = System.getProperty("java.home") + "/bin/java";
        String text = ProcessesTest.run(SpawnSpec.of(java, List.of("java", "--enable-native-access=ALL-UNNAMED",
            "-Xshare:auto", "-cp", System.getProperty("java.class.path"), Changer.class.getName())));
        assertEquals("65534 65534 [1, 65534] true 0 setgid(0) failed (1: Operation not permitted)", text);
    }

    /** The other JVM. */
    static final class Changer {
        private Changer() {
        }

        public static void main(String[] args) throws InterruptedException {
            CountDownLatch end = new CountDownLatch(1);
            Thread other = new Thread(() -> {
                try {
                    end.await();
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                }
            });
            other.start();
            Credentials.apply(65534, 65534, new int[] {65534, 1});
            Processes.title("changed");
            end.countDown();
            other.join();
            String back = "taken back";
            try {
                Credentials.apply(0, 0, new int[0]);
            } catch (PosixException refused) {
                back = refused.getMessage();
            }
            Credentials.verify(65534, 65534, new int[] {65534, 1});
            System.out.println(Credentials.uid() + " " + Credentials.gid() + " "
                + java.util.Arrays.toString(java.util.Arrays.stream(Credentials.groups()).sorted().toArray()) + " "
                + (Processes.openDescriptors().length > 2) + " " + Credentials.effectiveCapabilities() + " " + back);
        }
    }
}
