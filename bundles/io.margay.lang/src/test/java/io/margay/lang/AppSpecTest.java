// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AppSpecTest {

    private static AppSpec spec(String json) throws ConfSyntaxException {
        return new AppSpec("blog", (ConfObject) ConfParser.parse(json.getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{}|1|1|15000", "{\"processes\":3}|3|3|15000", "{\"processes\":{}}|1|0|15000",
        "{\"processes\":{\"max\":9,\"spare\":2,\"idle_timeout\":20}}|9|2|20000",
        "{\"processes\":{\"idle_timeout\":0}}|1|0|0", "{\"processes\":2147483647}|2147483647|2147483647|15000"})
    void readsProcesses(String json, int max, int spare, long idle) throws ConfSyntaxException {
        AppSpec spec = spec(json);
        assertEquals(List.of(max, spare, idle), List.of(spec.maxProcesses(), spec.spareProcesses(), spec.idleMillis()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{}|0|0|104857600", "{\"limits\":{\"timeout\":2,\"requests\":7,\"shm\":1}}|2000|7|1",
        "{\"limits\":{\"timeout\":-2,\"requests\":-7,\"shm\":-1}}|0|0|0"})
    void readsLimits(String json, long timeout, long requests, long memory) throws ConfSyntaxException {
        AppSpec spec = spec(json);
        assertEquals(List.of(timeout, requests, memory),
            List.of(spec.timeoutMillis(), spec.maxRequests(), spec.maxMemory()));
    }

    @Test
    void keepsTheOrderOfTargets() throws ConfSyntaxException {
        assertEquals(List.of("b", "a"), spec("{\"targets\":{\"b\":{},\"a\":{}}}").targets());
        assertEquals(List.of(), spec("{}").targets());
    }

    @Test
    void memberOrderMakesAnotherApplication() throws ConfSyntaxException {
        assertTrue(spec("{\"a\":1, \"b\":2}").sameAs(spec("{\"a\":1,\"b\":2}")));
        assertFalse(spec("{\"a\":1,\"b\":2}").sameAs(spec("{\"b\":2,\"a\":1}")));
    }
}
