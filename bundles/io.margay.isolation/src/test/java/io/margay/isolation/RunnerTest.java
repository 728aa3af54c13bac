// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RunnerTest {
    @Test
    void runs() {
        try (Launch launch = Launch.shell("echo hello; exit 3")) {
            Launch.Result result = launch.run();
            assertEquals("", result.fault());
            assertEquals("hello\n", result.output());
            assertEquals(3, result.exit().code());
            assertTrue(result.journey().over());
        }
    }
}
