// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SchemaTest {

    static Stream<List<String>> refused() {
        return Schemas.table("refused.txt");
    }

    static Stream<String> accepted() {
        return Schemas.table("accepted.txt").flatMap(List::stream);
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refusedForTheFirstProblem(List<String> block) {
        Problem problem = Schemas.validate(block.get(0)).orElseThrow(() -> new AssertionError(block.get(0)));
        assertEquals(block.get(1), problem.detail(), block.get(0));
        if (block.size() > 2) {
            assertEquals(block.get(2), "@" + problem.path(), block.get(0));
        }
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void accepted(String text) {
        assertEquals(Optional.empty(), Schemas.validate(text), text);
    }

    @ParameterizedTest
    @CsvSource({"listners, listeners", "setings, settings", "xyz, ''", "route, routes", "app, ''", "'', ''"})
    void unknownNamesGetAHint(String name, String expected) {
        Problem problem = Schemas.validate("{\"" + name + "\": {}}").orElseThrow();
        assertEquals("Unknown parameter \"" + name + "\".", problem.detail());
        assertEquals(Optional.of(expected).filter(text -> !text.isEmpty()), problem.suggestion());
        assertEquals("", problem.path().toString());
    }

    @Test
    void pathsOfListenersHoldNoNul() {
        Problem problem = Schemas.validate("{\"listeners\": {\"unix:/a\\u0000b\": {}}}").orElseThrow();
        assertEquals("The \"unix:/a\0b\" value must not contain null character.", problem.detail());
    }

    @Test
    void equallyNearNamesGiveNoHint() {
        assertEquals(Optional.empty(), Words.nearest("abce", List.of("abcd", "abcf")));
        assertEquals(Optional.of("abcd"), Words.nearest("abce", List.of("abcd", "xxxx")));
    }

    @Test
    void optionsComeAndGoWithTheirFiles() {
        SchemaRegistry registry = Schemas.load();
        String conf = "{\"settings\": {\"extra\": 1}}";
        assertTrue(registry.current().validate(Schemas.parse(conf), Schemas.FACTS).isPresent());
        Schema before = registry.current();
        registry.put("x", bytes("{\"extend\": {\"settings\": {\"members\": {\"extra\": {\"type\": \"integer\", "
            + "\"reader\": \"router\"}}},"
            + "\"absent\": {\"members\": {}}}}"));
        assertEquals(Optional.empty(), registry.current().validate(Schemas.parse(conf), Schemas.FACTS));
        assertTrue(before.validate(Schemas.parse(conf), Schemas.FACTS).isPresent(), "a schema never changes");
        registry.remove("x");
        assertTrue(registry.current().validate(Schemas.parse(conf), Schemas.FACTS).isPresent());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "[]|object with the members", "{'typos': {}}|object with the members",
        "{'types': {'a': 1}}|\"a\" is not an obj",
        "{'types': {'a': {'type': 'text'}}}|type \"a\": unknown type \"text\"", "{'types': {'a': {}}}|no type",
        "{'types': {'a': {'type': 'string', 'check': 'no'}}}|unknown check \"no\"",
        "{'types': {'a': {'type': 'string', 'minimum': 1}}}|unknown key \"minimum\"",
        "{'types': {'a': {'type': 'string', 'pattern': '('}}}|bad pattern",
        "{'types': {'a': {'type': 'array', 'elements': {'ref': 'nowhere'}}}}|unknown type \"nowhere\"",
        "{'types': {'a': {'type': 'object', 'choice': 'free'}}}|unknown choice", "{|object without a closing brace",
        "{'extend': {'a': {'type': 'string'}}}|can be extended by"})
    void unusableFilesAreRefusedWhole(String text, String reason) {
        SchemaRegistry registry = Schemas.load();
        Schema before = registry.current();
        SchemaException e = assertThrows(SchemaException.class,
            () -> registry.put("bad", bytes(text.replace('\'', '"'))));
        assertTrue(e.getMessage().startsWith("Schema bad: ") && e.getMessage().contains(reason), e.getMessage());
        assertEquals(before, registry.current());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** As a bundle does that is updated without other options. */
    @Test
    void whatGoesAndComesAgainIsNotMadeAnew() {
        SchemaRegistry registry = Schemas.load();
        byte[] file = bytes("{\"extend\": {\"settings\": {\"members\": {\"extra\": {\"type\": \"integer\", "
            + "\"reader\": \"router\"}}}}}");
        Schema without = registry.current();
        registry.put("x/1", file);
        Schema with = registry.current();
        registry.remove("x/1");
        assertSame(without, registry.current());
        registry.put("x/2", file);
        assertSame(with, registry.current());
        registry.put("x/2", bytes(new String(file, StandardCharsets.UTF_8).replace("integer", "string")));
        String conf = "{\"settings\": {\"extra\": \"text\"}}";
        assertEquals(Optional.empty(), registry.current().validate(Schemas.parse(conf), Schemas.FACTS));
        assertTrue(with.validate(Schemas.parse(conf), Schemas.FACTS).isPresent());
    }

    @Test
    void ofManyFilesAllAreTakenOrNone() {
        SchemaRegistry registry = Schemas.load();
        String conf = "{\"settings\": {\"extra\": 1}}";
        byte[] good = bytes("{\"extend\": {\"settings\": {\"members\": {\"extra\": {\"type\": \"integer\", "
            + "\"reader\": \"router\"}}}}}");
        Schema before = registry.current();
        assertThrows(SchemaException.class, () -> registry.putAll(Map.of("x", good, "bad", bytes("{"))));
        assertEquals(before, registry.current());
        registry.putAll(Map.of("x", good));
        assertEquals(Optional.empty(), registry.current().validate(Schemas.parse(conf), Schemas.FACTS));
        registry.remove("x");
        assertTrue(registry.current().validate(Schemas.parse(conf), Schemas.FACTS).isPresent());
    }
}
