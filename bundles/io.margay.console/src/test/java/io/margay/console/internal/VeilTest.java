// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class VeilTest {
    private static final String SECRETS = "{\"applications\":{\"a\":{\"type\":\"external\",\"environment\":"
        + "{\"KEY\":\"s3cret\"}}},\"listeners\":{\"*:1\":"
        + "{\"tls\":{\"session\":{\"tickets\":[\"t1ckets\",\"t2ckets\"]}}}}}";

    private static Conf json(String text) throws ConfSyntaxException {
        return ConfParser.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void secretsAreCoveredAndComeBack() throws ConfSyntaxException {
        Conf covered = Veil.over(json(SECRETS));
        String text = ConfWriter.compactText(covered);
        assertFalse(text.contains("s3cret") || text.contains("ckets\","), text);
        assertTrue(text.contains("KEY") && text.contains("external"), text);
        assertEquals(json(SECRETS), Veil.lifted(covered, json(SECRETS)));
    }

    @Test
    void aNewValueWinsAndAMarkElsewhereIsOrdinary() throws ConfSyntaxException {
        Conf edited = json("{\"applications\":{\"a\":{\"type\":\"(not shown)\",\"environment\":{\"KEY\":\"new\"}}}}");
        assertEquals(edited, Veil.lifted(edited, json(SECRETS)));
    }

    @Test
    void aMarkForNothingIsRefusedWithItsPlace() throws ConfSyntaxException {
        Conf edited = json("{\"applications\":{\"b\":{\"environment\":{\"KEY\":\"(not shown)\"}}}}");
        String message = assertThrows(IllegalArgumentException.class, () ->
            Veil.lifted(edited, json(SECRETS))).getMessage();
        assertTrue(message.contains("/applications/b/environment/KEY"), message);
    }

    @Test
    void valuesOfChangesAreCoveredByTheirPlace() throws ConfSyntaxException {
        assertEquals(Conf.of(Veil.MARK), Veil.over(Conf.of("s"), List.of("", "applications", "a", "environment", "K")));
        assertEquals(Conf.of("s"), Veil.over(Conf.of("s"), List.of("", "applications", "a", "type")));
    }
}
