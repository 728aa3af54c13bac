// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.external.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Launch;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExternalLanguageTest {

    private record Facts(Map<String, Integer> descriptors, int stream) implements Launch.Facts {
        @Override
        public String application() {
            return "app";
        }

        @Override
        public String version() {
            return "1.35.0";
        }

        @Override
        public int mainPid() {
            return 1;
        }

        @Override
        public boolean daemon() {
            return true;
        }
    }

    private static Launch launch(String json) throws Exception {
        AppSpec app = new AppSpec("app", (ConfObject) ConfParser.parse(json.getBytes(StandardCharsets.UTF_8)));
        Launch.Builder launch = Launch.builder(Map.of("PATH", "/bin", "A", "main"));
        new ExternalLanguage().launch(app, InstalledModule.EXTERNAL, launch);
        return launch.build();
    }

    @Test
    void aProgramWithItsArguments() throws Exception {
        Launch launch = launch("{\"executable\":\"./run\",\"arguments\":[\"-x\",\"\",\"a b\"],"
            + "\"environment\":{\"A\":\"b\"}}");
        assertEquals(List.of("./run", "-x", "", "a b"), launch.argv());
        assertEquals(Map.of("PATH", "/bin", "A", "b"), launch.environment());
        assertEquals(Launch.Prototype.HOLDER, launch.prototype());
        assertEquals(Launch.Readiness.EXEC, launch.readiness());
        assertEquals(List.of("./run"), launch("{\"executable\":\"./run\"}").argv());
        assertTrue(new ExternalLanguage().probes().isEmpty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{} | 104857600,0",
        "{\"shm\":1,\"requests\":7} | 1,7",
        "{\"shm\":99999999999,\"requests\":99999999999} | 4294967295,4294967295",
        "{\"shm\":-1,\"requests\":-1} | 0,0"})
    void whatTheLibraryReads(String limits, String expected) throws Exception {
        Launch launch = launch("{\"executable\":\"/a\",\"limits\":" + limits + "}");
        Map<String, Integer> fds = new LinkedHashMap<>();
        for (String name : List.of("ready", "router", "in", "out", "requests", "queue")) {
            fds.put(name, 3 + fds.size());
        }
        assertEquals("1.35.0;4294967295;1073741825,0,3;1073741826,0,4;1073741827,0,5,6;7,8;2," + expected + ",",
            launch.announcements().get("NXT_UNIT_INIT").apply(new Facts(fds, -1)));
        assertEquals(1, launch.announcements().size());
    }
}
