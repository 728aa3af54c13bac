// SPDX-License-Identifier: Apache-2.0
package io.margay.status.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Recordings of this process. */
@Timeout(120)
class RecordingInspectorTest {
    private final ServiceStage stage = new ServiceStage();
    private final RecordingInspector inspector = new RecordingInspector(stage.bundles(), stage.component());

    @AfterEach
    void end() {
        inspector.end();
        ServiceStage.await("nothing is left", () -> stage.held() == 0);
    }

    private String state() {
        return ((ConfObject) inspector.dump()).string("state").orElseThrow();
    }

    private ConfObject answer(String question) {
        return (ConfObject) inspector.answer(question);
    }

    @Test
    void aRecordingIsReadInPieces() {
        assertEquals("none", state());
        answer("start 1");
        assertEquals(1, stage.held());
        assertEquals("This process is being recorded already.",
            assertThrows(IllegalArgumentException.class, () -> answer("start 1")).getMessage());
        ServiceStage.await("it is ready", () -> state().equals("ready"));
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (boolean last = false; !last;) {
            ConfObject piece = answer("read " + all.size());
            all.writeBytes(Base64.getDecoder().decode(piece.string("data").orElseThrow()));
            last = piece.bool("last", true);
        }
        assertTrue(all.toString(StandardCharsets.ISO_8859_1).startsWith("FLR\0"), "a file of the flight recorder");
        assertThrows(IllegalArgumentException.class, () -> answer("read " + (all.size() + 1)));
        answer("end");
        assertEquals("none", state());
        ServiceStage.await("the component is let go", () -> stage.held() == 0);
        assertThrows(IllegalArgumentException.class, () -> answer("read 0"));
    }

    @Test
    void oneThatIsNotWantedAnyMoreEndsAtOnce() {
        answer("start 3600");
        ServiceStage.await("it records", () -> state().equals("recording"));
        assertEquals("recording", answer("read 0").string("state").orElseThrow());
        answer("end");
        ServiceStage.await("the component is let go", () -> stage.held() == 0);
        answer("start 3600");
        assertEquals(1, stage.held());
    }

    @ParameterizedTest
    @CsvSource({"start", "start 0", "start 3601", "start x", "start -1", "start 1 2", "read 0", "stop", "''"})
    void whatIsNoQuestionIsRefused(String question) {
        assertThrows(IllegalArgumentException.class, () -> answer(question));
        assertEquals("none", state());
    }
}
