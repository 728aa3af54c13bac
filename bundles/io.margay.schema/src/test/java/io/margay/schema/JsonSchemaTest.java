// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The JSON Schema of the configuration, asked by a validator that knows nothing of the rules that it is made of. */
class JsonSchemaTest {
    private static final ConfObject TYPES =
        JsonSchema.of(Schemas.load().current(), Schemas.FACTS, "#/$defs/");
    private static final com.networknt.schema.Schema SCHEMA =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(ConfWriter.compactText(
            ConfObject.builder().put("$ref", "#/$defs/configuration").put("$defs", TYPES).build()));

    private static List<String> errors(String configuration) {
        // Comments and trailing commas are those of Unit's parser, not of JSON.
        String plain = ConfWriter.compactText(Schemas.parse(configuration));
        return SCHEMA.validate(plain, InputFormat.JSON).stream().map(Object::toString).toList();
    }

    static Stream<String> accepted() {
        return Schemas.table("accepted.txt").flatMap(List::stream);
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void whatTheServerTakesIsValid(String configuration) {
        assertEquals(List.of(), errors(configuration));
    }

    @Test
    void mostOfWhatTheServerRefusesIsNot() {
        List<String> taken = new ArrayList<>();
        List<List<String>> all = Schemas.table("refused.txt").toList();
        for (List<String> block : all) {
            if (errors(block.getFirst()).isEmpty()) {
                taken.add(block.toString());
            }
        }
        assertTrue(taken.size() * 3 < all.size(), () -> taken.size() + " of " + all.size() + " are taken:\n"
            + String.join("\n", taken));
        // Types and names can always be said.
        assertEquals(List.of(), taken.stream().filter(block -> block.contains("value must be")
            || block.contains("Unknown parameter") || block.contains("Required parameter")
            || block.contains("number must be equal") || block.contains("number must not")).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"applications\": {\"a\": {\"type\": \"python 2\", \"modul\": \"x\"}}}",
        "{\"applications\": {\"a\": {\"type\": \"cobol\"}}}", "{\"routes\": [{\"action\": {}}]}",
        "{\"routes\": [{\"action\": {\"return\": 200, \"share\": \"/x\"}}]}",
        "{\"applications\": {\"a\": {\"type\": \"python\", \"module\": \"m\", \"targets\": {}}}}"})
    void choicesAreThereToo(String configuration) {
        assertFalse(errors(configuration).isEmpty(), configuration);
    }

    @Test
    void onlyLanguagesThatAreThere() {
        ConfObject none =
            JsonSchema.of(Schemas.load().current(), Facts.of(type -> type.equals("external")), "#/$defs/");
        assertTrue(TYPES.has("application-python") && TYPES.has("application-external"));
        assertTrue(none.has("application-external") && !none.has("application-python"));
    }
}
