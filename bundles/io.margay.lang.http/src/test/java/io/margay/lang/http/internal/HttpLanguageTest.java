// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.http.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Launch;
import io.margay.lang.Probe;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HttpLanguageTest {

    private static final InstalledModule MODULE = new InstalledModule("http", "1.1", "/bin/sh", List.of());

    private static Launch launch(String options) throws Exception {
        Launch.Builder builder = Launch.builder(Map.of("LISTEN_FDS", "7", "LISTEN_FDNAMES", "x", "NOTIFY_SOCKET",
            "/run/n",
            "HOME", "/"));
        new HttpLanguage().launch(new AppSpec("blog",
            (ConfObject) ConfParser.parse(options.replace('\'',
                '"').getBytes(StandardCharsets.UTF_8))), MODULE, builder);
        return builder.build();
    }

    @Test
    void theProbeNeedsNothing() throws Exception {
        Probe probe = new HttpLanguage().probes().getFirst();
        Process process = new ProcessBuilder(probe.argv()).start();
        assertEquals(Optional.of(MODULE), probe.parse(process.getInputStream().readAllBytes()));
        assertEquals(0, process.waitFor());
    }

    @Test
    void aSocketIsInheritedAsFromSystemd() throws Exception {
        Launch launch = launch("{'executable':'/bin/x','arguments':['a b','$PORT'],'environment':{'A':'b'}}");
        assertEquals(List.of("/bin/x", "a b", "$PORT"), launch.argv().subList(3, 6));
        assertEquals(Map.of("HOME", "/", "A", "b", "LISTEN_FDS", "1"), launch.environment());
        assertEquals(Optional.of(3), launch.place("listen"));
        assertEquals(Launch.Prototype.HOLDER, launch.prototype());
        assertEquals(Launch.Readiness.ACCEPTS, launch.readiness());
    }

    @Test
    void theStarterNamesTheProcessThatItBecomes() throws Exception {
        Launch launch = launch("{'executable':'sh','arguments':['-c','echo $$ $LISTEN_PID $LISTEN_FDS']}");
        ProcessBuilder builder = new ProcessBuilder(launch.argv());
        builder.environment().putAll(launch.environment());
        Process process = builder.start();
        assertEquals(process.pid() + " " + process.pid() + " 1\n",
            new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    }

    @Test
    void aPortIsTold() throws Exception {
        Launch launch = launch("{'executable':'/bin/x','arguments':['--bind=127.0.0.1:$PORT','x'],'listen':'port',"
            + "'port':20123}");
        assertEquals(List.of("/bin/x", "--bind=127.0.0.1:20123", "x"), launch.argv());
        assertEquals(Map.of("HOME", "/", "PORT", "20123"), launch.environment());
        assertEquals(Optional.empty(), launch.place("listen"));
    }

    @Test
    void aSocketIsTold() throws Exception {
        Launch launch = launch("{'executable':'/bin/x','arguments':['--uds=$SOCKET','$PORT'],'listen':'unix',"
            + "'socket':'/run/x/s'}");
        assertEquals(List.of("/bin/x", "--uds=/run/x/s", "$PORT"), launch.argv());
        assertEquals(Map.of("HOME", "/", "SOCKET", "/run/x/s"), launch.environment());
        assertEquals(Optional.empty(), launch.place("listen"));
    }

    @Test
    void withoutAProgramThereIsNoLaunch() {
        assertThrows(IllegalStateException.class, () -> launch("{}"));
    }
}
