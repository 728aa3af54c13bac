// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the bundles bring makes the tables of Unit, and room for more. */
class ProcessKindsTest {

    private static final String SEND =
        "{1,1,1,1,1,1} {1,0,0,0,0,0} {1,0,0,1,0,0} {1,0,1,1,1,1} {1,0,0,0,0,0} {1,0,0,0,0,0}";
    private static final String REMOVE_NOTIFY =
        // In Unit a router does not hear of the death of another, since there is never another.
        "{0,0,0,0,0,0} {0,0,0,0,0,0} {0,0,0,1,0,0} {0,0,1,1,1,1} {0,0,0,1,0,0} {1,0,0,1,0,0}";

    private final List<String> refused = new ArrayList<>();

    @Test
    void theDistributionHasTheTablesOfUnit() {
        ProcessKinds kinds = Kinds.stock();
        String[] send = SEND.split(" ");
        String[] remove = REMOVE_NOTIFY.split(" ");
        for (int row = 0; row < send.length; row++) {
            for (int column = 0; column < send.length; column++) {
                ProcessType first = kinds.find(row).orElseThrow();
                ProcessType second = kinds.find(column).orElseThrow();
                // A process has its own port without being told.
                boolean own = first == second && first.is("main");
                assertEquals(send[row].charAt(1 + 2 * column) == '1', own || ProcessKinds.announced(first, second),
                    "port of " + second + " to " + first);
                assertEquals(remove[row].charAt(1 + 2 * column) == '1', ProcessKinds.told(second, first),
                    "death of " + first + " to " + second);
            }
        }
    }

    @Test
    void otherNumbersAndNamesAreNoKind() {
        ProcessKinds kinds = Kinds.stock();
        assertEquals(Optional.empty(), kinds.find(-1));
        assertEquals(Optional.empty(), kinds.find(6));
        assertEquals(Optional.empty(), kinds.find("scheduler"));
        assertEquals("no bundle brings the process type \"scheduler\"",
            assertThrows(IllegalStateException.class, () -> kinds.get("scheduler")).getMessage());
    }

    @Test
    void theTableGoesThroughJson() {
        ProcessKinds kinds = collect("{\"name\":\"scheduler\",\"number\":9,\"knownTo\":[\"router\"]}");
        assertEquals(kinds.all(), ProcessKinds.of(kinds.json()).all());
        ProcessType scheduler = kinds.get("scheduler");
        assertEquals(true, ProcessKinds.announced(kinds.get("router"), scheduler));
        assertEquals(true, ProcessKinds.told(kinds.get("router"), scheduler));
        assertEquals(false, ProcessKinds.announced(kinds.get("controller"), scheduler));
        assertEquals(List.of(), refused);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', quoteCharacter = '^', value = {
        "\"name\":\"router\",\"number\":9!router!its name is taken",
        "\"name\":\"main\",\"number\":9!main!its name is taken",
        "\"name\":\"x\",\"number\":3!x!its number 3 is that of \"router\"",
        "\"name\":\"x\",\"number\":9,\"sends\":{\"router\":[\"QUIT\",\"DATA\"]}!x!only main sends QUIT",
        "\"name\":\"x\",\"number\":9,\"sends\":{\"*\":[\"REMOVE_PID\",\"NEW_PORT\"]}!x!only main sends NEW_PORT, "
            + "REMOVE_PID"})
    void claimsOfWhatOthersHaveAreRefused(String members, String name, String reason) {
        ProcessKinds kinds = collect("{" + members + "}");
        assertEquals(List.of("process type \"" + name + "\" of bundle test is refused: " + reason), refused);
        assertEquals(Kinds.stock().all(), kinds.all());
    }

    @ParameterizedTest
    @CsvSource({
        "router, main, START_PROCESS, true", "controller, main, START_PROCESS, false",
        "prototype, main, START_PROCESS, false", "app, main, RPC_READY, false", "app, main, WHOAMI, true",
        "controller, main, CONF_STORE, true", "router, main, CONF_STORE, false", "main, router, QUIT, true",
        "controller, router, CONF_APPLY, true", "controller, router, QUIT, false", "app, router, CONF_APPLY, false",
        "main, controller, MODULE_USERS, true", "main, router, MODULE_USERS, false",
        "discovery, main, RPC_READY, false"})
    void whoMaySendWhat(String sender, String receiver, String type, boolean may) {
        assertEquals(may, Kinds.stock().get(sender).maySend(receiver, type));
    }

    @Test
    void withoutMainThereIsNoTable() {
        assertThrows(IllegalStateException.class, () -> ProcessKinds.collect(List.of(), refused::add));
        assertThrows(IllegalArgumentException.class, () -> ProcessKinds.parse("{}"));
    }

    private ProcessKinds collect(String more) {
        List<ProcessKinds.Claim> claims = new ArrayList<>();
        Kinds.stock().all().forEach(type -> claims.add(new ProcessKinds.Claim(type, "stock")));
        claims.add(new ProcessKinds.Claim(ProcessType.parse(more.getBytes(StandardCharsets.UTF_8)), "test"));
        return ProcessKinds.collect(claims, refused::add);
    }
}
