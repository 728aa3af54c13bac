// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeatureTest {
    @TempDir
    private Path directory;

    private Feature read(String text) throws IOException {
        return Feature.read(Files.writeString(directory.resolve("x.json"), text));
    }

    @Test
    void bundlesKeepTheOrderOfTheFile() throws IOException {
        Feature feature = read("""
            { "id": "g:x:1", "bundles": [ "g:b:2.0", { "id": "g:a:1.0", "start-order": 3 } ],
              "framework-properties": { "p": "q" } }""");
        assertEquals(List.of(new Feature.Entry("b", "b-2.0.jar", 1), new Feature.Entry("a", "a-1.0.jar", 3)),
            feature.bundles());
        assertEquals(Map.of("p", "q"), feature.properties());
    }

    @Test
    void aFeatureForOthersNamesTheVersionsThatThereAreAndItsOwnBundle() throws IOException {
        Feature feature = read("""
            { "bundles": [ "g:b:2.0", { "id": "g:a:1.0", "start-order": 0 } ],
              "framework-properties": { "p": "q" } }""").with("c").with("a");
        Feature written = read(feature.text(Map.of("a", "1.1.0", "b", "2.0.0", "c", "3.0.0")));
        assertEquals(List.of(new Feature.Entry("b", "b-2.0.0.jar", 1), new Feature.Entry("a", "a-1.1.0.jar", 0),
            new Feature.Entry("c", "c-3.0.0.jar", 2)), written.bundles());
        assertEquals(Map.of("p", "q"), written.properties());
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "{}", "{\"bundles\": {}}", "{\"bundles\": [1]}", "{\"bundles\": [{}]}",
        "{\"bundles\": [\"a\"]}",
        "{\"bundles\": [\"g:../../x:1\"]}", "{\"bundles\": [{\"id\": \"g:a:1\", \"start-order\": -1}]}", "{"})
    void errorsNameTheFile(String text) {
        String message = assertThrows(IOException.class, () -> read(text)).getMessage();
        assertTrue(message.startsWith(directory.resolve("x.json") + ": "), message);
    }
}
