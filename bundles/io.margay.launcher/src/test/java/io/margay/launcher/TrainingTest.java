// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainingTest {

    @Test
    void theListsOfAllProcessesBecomeOne() throws IOException {
        List<String> main = List.of("# made by a JVM", "java/lang/Object id: 0", "io/margay/A id: 7",
            "@lambda-proxy io/margay/A run ()Ljava/lang/Runnable; id: 1", "@cp io/margay/A 1 2");
        List<String> router = List.of("java/lang/Object id: 0", "io/margay/B id: 7",
            "io/margay/lang/C id: 9 super: 0 source: /modules/c.jar", "@cp io/margay/A 1 2", "@cp io/margay/A 3");
        assertEquals(List.of("java/lang/Object", "io/margay/A",
            "@lambda-proxy io/margay/A run ()Ljava/lang/Runnable; id: 1", "@cp io/margay/A 1 2", "io/margay/B",
            "@cp io/margay/A 3"), List.copyOf(Training.merge(List.of(main, router))));
    }

    @Test
    void aProcessThatToldNothingIsAFault() {
        assertThrows(IOException.class, () -> Training.merge(List.of(List.of("a id: 1"), List.of())));
    }
}
