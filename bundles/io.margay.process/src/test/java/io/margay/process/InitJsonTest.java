// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InitJsonTest {

    @Test
    void isCompactAndKeepsTheOrder() {
        Map<String, Object> init = new LinkedHashMap<>();
        init.put("role", "router");
        init.put("read", 5);
        init.put("time", 123456789012L);
        init.put("tls", true);
        init.put("groups", new int[] {4, 20});
        init.put("list", List.of("a", Map.of("b", List.of())));
        assertEquals("{\"role\":\"router\",\"read\":5,\"time\":123456789012,\"tls\":true,\"groups\":[4,20],"
            + "\"list\":[\"a\",{\"b\":[]}]}", InitJson.of(init));
        assertEquals("{}", InitJson.of(Map.of()));
    }

    @Test
    void stringsAreEscaped() {
        assertEquals("{\"a\\\"\":\"\\\\ \\u000a\\u0000 ü\"}", InitJson.of(Map.of("a\"", "\\ \n\0 ü")));
    }

    @Test
    void otherValuesAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> InitJson.of(Map.of("a", 1.5)));
    }

    @ParameterizedTest
    @CsvSource({"'1 (a b) S 7 1', 7", "'1 (x) R) S 8 1', 8", "'1 () S 1 (2', 1", "'', 0", "'1 (a) S', 0",
        "'1 (a) S -1 1', 0"})
    void parentIsReadBehindTheLastBracket(String stat, int parent) {
        assertEquals(parent, ProcFs.parent(stat));
    }

    @Test
    void theKernelKnowsParentsAndChildren() {
        long self = ProcessHandle.current().pid();
        long parent = ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(0L);
        assertEquals(parent, ProcFs.parent((int) self));
        assertEquals(0, ProcFs.parent(Integer.MAX_VALUE));
        assertEquals(true, Arrays.stream(ProcFs.children((int) parent)).anyMatch(pid -> pid == self)
            || parent == 0);
    }
}
