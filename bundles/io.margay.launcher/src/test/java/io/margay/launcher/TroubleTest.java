// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.process.StartException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class TroubleTest {
    @Test
    void theChainOfCausesIsOneLine() {
        assertEquals("no start: no file", Trouble.describe(new Exception("no start", new IOException("no file"))));
    }

    @Test
    void aMessageIsNotRepeated() {
        Exception failure = new Exception("no start: no file", new IOException("no file"));
        assertEquals("no start: no file", Trouble.describe(failure));
    }

    @Test
    void aSentenceIsNotRepeatedWithTheNameOfWhatItCameFrom() {
        assertEquals("The address \"x\" is invalid.", Trouble.describe(new StartException("The address \"x\" is "
            + "invalid.", new IllegalArgumentException("The address \"x\" is invalid."))));
    }

    @Test
    void programmingErrorsKeepTheirName() {
        assertEquals("x: java.lang.IllegalStateException: y",
            Trouble.describe(new Exception("x", new IllegalStateException("y"))));
    }
}
