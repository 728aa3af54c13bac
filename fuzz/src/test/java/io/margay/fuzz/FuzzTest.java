// SPDX-License-Identifier: Apache-2.0
package io.margay.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs each target for some seconds with inputs that the covered code leads to, beginning with the seeds of
 * {@code src/test/resources}. A JVM of its own for each: the fuzzer changes the code under test. What it finds is
 * printed, and written to a file {@code crash-*} that joins the seeds when the fault is mended.
 */
class FuzzTest {
    private static final long SECONDS = Long.getLong("fuzz.seconds");
    /** No input of this size takes longer on a busy machine, nor does the first one, which loads everything. */
    private static final int SECONDS_AN_INPUT = 120;
    private static final int MOST_BYTES = 16_384;

    @ParameterizedTest
    @ValueSource(strings = {"io.margay.action.proxy.AnswerFuzz", "io.margay.action.proxy.StreamAnswerFuzz",
        "io.margay.action.share.FieldFuzz", "io.margay.route.PatternFuzz", "io.margay.conf.JsonFuzz",
        "io.margay.control.PathFuzz", "io.margay.control.RequestFuzz", "io.margay.controller.UploadFuzz",
        "io.margay.schema.ValidatorFuzz", "io.margay.protocol.http1.ConnectionFuzz",
        "io.margay.protocol.http2.SessionFuzz", "io.margay.listen.ProxyHeaderFuzz", "io.margay.http.TextFuzz"})
    void nothingBreaks(String target) throws IOException, InterruptedException {
        String name = target.substring(target.lastIndexOf('.') + 1);
        Path directory = Path.of(System.getProperty("fuzz.directory"), name);
        Path found = Files.createDirectories(directory.resolve("found"));
        Path output = directory.resolve("output");
        Path seeds = Path.of("src/test/resources", name);
        Process fuzzer = new ProcessBuilder(command(target, directory, found, seeds)).redirectErrorStream(true)
            .redirectOutput(output.toFile()).start();
        try {
            assertTrue(fuzzer.waitFor(SECONDS + 2 * SECONDS_AN_INPUT, TimeUnit.SECONDS), () ->
                "it does not end: " + text(output));
            assertEquals(0, fuzzer.exitValue(), () -> text(output));
            assertTrue(text(output).contains("Done "), () -> text(output));
        } finally {
            fuzzer.destroyForcibly();
        }
    }

    private static List<String> command(String target, Path directory, Path found, Path seeds) {
        List<String> command = new ArrayList<>(List.of(
            Path.of(System.getProperty("java.home"), "bin/java").toString(), "-Xss512k", "-Xmx512m",
            // Seconds are too short for a better compiler, which takes the processor from what it compiles.
            "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            "-XX:+EnableDynamicAgentLoading", "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow", "-cp", System.getProperty("java.class.path"),
            "com.code_intelligence.jazzer.Jazzer", "--target_class=" + target,
            "--instrumentation_includes=io.margay.**",
            // What libraries do among themselves needs no hooks, which take longer to be made than there is for inputs.
            "--custom_hook_includes=io.margay.**",
            // One reports that an expression of the input is compiled, which is what the option is for; the other one
            // breaks how Netty comes by memory.
            "--disabled_hooks=com.code_intelligence.jazzer.sanitizers.RegexInjection:"
                + "com.code_intelligence.jazzer.sanitizers.UnsafeSanitizer",
            "--reproducer_path=" + directory,
            "-artifact_prefix=" + directory + "/", "-max_total_time=" + SECONDS, "-timeout=" + SECONDS_AN_INPUT,
            "-max_len=" + MOST_BYTES, "-seed=" + System.getProperty("fuzz.seed"), "-print_final_stats=1",
            found.toString()));
        if (Files.isDirectory(seeds)) {
            command.add(seeds.toString());
        }
        Path dictionary = seeds.resolveSibling(seeds.getFileName() + ".dict");
        if (Files.exists(dictionary)) {
            command.add("-dict=" + dictionary);
        }
        return command;
    }

    private static String text(Path output) {
        try {
            String text = Files.readString(output, StandardCharsets.ISO_8859_1);
            return text.substring(Math.max(0, text.length() - 8_000));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
