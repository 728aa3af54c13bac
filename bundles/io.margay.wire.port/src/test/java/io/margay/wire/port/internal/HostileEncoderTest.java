// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.port.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Language;
import io.margay.lang.Launch;
import io.margay.lang.Probe;
import io.margay.lang.RequestEncoder;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Languages whose encoders do not keep the rules: their request fails, and nothing else. */
class HostileEncoderTest {

    private final TestMain main = new TestMain(1);

    @AfterEach
    void close() {
        main.close();
    }

    /** Python with an encoder that breaks a rule for some paths. */
    private record Careless(Language python) implements Language {
        @Override
        public String type() {
            return python.type();
        }

        @Override
        public String wire() {
            return python.wire();
        }

        @Override
        public List<Probe> probes() {
            return python.probes();
        }

        @Override
        public void launch(AppSpec app, InstalledModule module, Launch.Builder launch) {
            python.launch(app, module, launch);
        }

        @Override
        public RequestEncoder encoder(AppSpec app) {
            RequestEncoder right = python.encoder(app);
            return (request, out) -> switch (request.path().toString()) {
                case "/throws" -> throw new IllegalStateException("thrown by the encoder");
                case "/fails" -> throw new AssertionError("thrown by the encoder");
                case "/overruns" -> right.encode(request, out) && out.writeZero(1 << 20).isWritable();
                case "/refuses" -> right.encode(request, out.writeZero(100)) && !right.encode(request, out);
                case "/rewinds" -> out.setIndex(0, 3).isReadable();
                default -> right.encode(request, out);
            };
        }
    }

    @ParameterizedTest
    @CsvSource({"/throws,thrown by the encoder", "/fails,thrown by the encoder", "/overruns,could not be sent",
        "/refuses,headers to big", "/rewinds,headers to big"})
    void theRequestFailsAndTheLogSaysWhy(String path, String line) {
        main.language = new Careless(main.python);
        main.pool("\"processes\":1").start().toCompletableFuture().join();
        for (int i = 0; i < 3; i++) {
            assertEquals(500, main.get(path).status());
            assertEquals("Hello world\n", main.get("/hello").text());
        }
        assertEquals(3, main.log.stream().filter(text -> text.contains(line)).count(), main.logged());
        assertEquals("1 0 1 0", main.status());
    }

    @Test
    void anEncoderThatCannotBeMadeIsAFailureOfTheStart() {
        main.language = new Language() {
            @Override
            public String type() {
                return "python";
            }

            @Override
            public String wire() {
                return "port";
            }

            @Override
            public List<Probe> probes() {
                return List.of();
            }

            @Override
            public void launch(AppSpec app, InstalledModule module, Launch.Builder launch) {
                throw new IllegalStateException("never asked");
            }
        };
        String reason = "";
        try {
            main.pool("\"processes\":1");
        } catch (UnsupportedOperationException e) {
            reason = e.getMessage();
        }
        assertEquals("applications of type \"python\" have no encoder", reason);
    }
}
