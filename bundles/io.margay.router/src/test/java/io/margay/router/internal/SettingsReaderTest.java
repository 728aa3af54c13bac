// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.http.HttpSettings;
import io.margay.route.SettingsReader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The options of a whole configuration as the router reads them. */
class SettingsReaderTest {

    private static final String DEFAULTS = "30 30 30 30 8192 4 16384 8388608 /var/tmp true false true false";

    private static String text(HttpSettings s) {
        return s.headerReadTimeout() + " " + s.bodyReadTimeout() + " " + s.sendTimeout() + " " + s.idleTimeout() + " "
            + s.largeHeaderBufferSize() + " " + s.largeHeaderBuffers() + " " + s.bodyBufferSize() + " "
            + s.maxBodySize() + " " + s.bodyTempPath() + " " + s.discardUnsafeFields() + " " + s.chunkedTransform()
            + " " + s.serverVersion() + " " + s.logRoute();
    }

    /** The option, its value, which word of the text it is. */
    @ParameterizedTest
    @CsvSource(quoteCharacter = '^', value = {
        "header_read_timeout,1,0,1", "body_read_timeout,2,1,2", "send_timeout,3,2,3", "idle_timeout,0,3,0",
        "large_header_buffer_size,4096,4,4096", "large_header_buffers,9,5,9", "body_buffer_size,65536,6,65536",
        "max_body_size,0,7,0", "body_temp_path,\"/tmp/b\",8,/tmp/b", "discard_unsafe_fields,false,9,false",
        "chunked_transform,true,10,true", "server_version,false,11,false", "log_route,true,12,true",
        "idle_timeout,99999999999,3,1073741824", "body_buffer_size,99999999999,6,1073741824"})
    void everyOptionIsRead(String option, String value, int word, String expected) {
        String[] words = DEFAULTS.split(" ");
        words[word] = expected;
        assertEquals(String.join(" ", words), text(SettingsReader.read(
            Stage.conf("{\"settings\":{\"http\":{\"" + option + "\":" + value + "}}}"), "/var/tmp")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"settings\":{}}", "{\"settings\":{\"http\":{}}}"})
    void absentOnesHaveDefaults(String conf) {
        assertEquals(DEFAULTS, text(SettingsReader.read(Stage.conf(conf), "/var/tmp")));
    }
}
