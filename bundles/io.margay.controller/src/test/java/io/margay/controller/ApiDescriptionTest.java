// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfParser;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfSyntaxException;
import io.margay.control.ControlReply;
import io.margay.control.ProcessQueries;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The description is valid OpenAPI, and what it describes is what the API has. */
class ApiDescriptionTest {
    private final Bench bench = new Bench().started("{}");

    @BeforeEach
    void more() {
        bench.resources.add(new ShellResource(bench.plane), Map.of());
        bench.resources.add(new RecordResource(new ProcessQueries() {
            @Override
            public List<String> names() {
                return List.of("main");
            }

            @Override
            public CompletionStage<Conf> ask(String process, String inspector, String question) {
                return CompletableFuture.failedFuture(new IllegalStateException("it is gone"));
            }

            @Override
            public Executor loop() {
                return Runnable::run;
            }

            @Override
            public Runnable after(long millis, Runnable task) {
                return () -> { };
            }
        }), Map.of());
    }

    private String text() {
        ControlReply reply = bench.ask("GET", "/control/openapi.json", "").join();
        assertEquals(200, reply.status());
        return new String(reply.body(), StandardCharsets.UTF_8);
    }

    private OpenAPI parsed() {
        SwaggerParseResult result = new OpenAPIV3Parser().readContents(text(), null, new ParseOptions());
        assertEquals(List.of(), result.getMessages());
        return result.getOpenAPI();
    }

    @Test
    void anIndependentParserHasNothingToSay() {
        OpenAPI api = parsed();
        assertEquals("3.1.0", api.getOpenapi());
        assertTrue(api.getPaths().size() > 20, api.getPaths().keySet()::toString);
        Set<String> ids = new HashSet<>();
        api.getPaths().forEach((path, item) -> {
            for (Operation operation : item.readOperations()) {
                assertTrue(ids.add(operation.getOperationId()), operation.getOperationId() + " is there twice");
                assertTrue(operation.getResponses().containsKey("200"), path);
            }
        });
    }

    @Test
    void everyReferenceLeadsSomewhere() throws ConfSyntaxException {
        String text = text();
        Matcher refs = Pattern.compile("\"\\$ref\":\"#([^\"]*)\"").matcher(text);
        Conf root = ConfParser.parse(Bench.bytes(text));
        List<String> broken = new ArrayList<>();
        int count = 0;
        while (refs.find()) {
            count++;
            if (ConfPointer.parse(refs.group(1)).resolve(root).isEmpty()) {
                broken.add(refs.group(1));
            }
        }
        assertEquals(List.of(), broken);
        assertTrue(count > 100, "references: " + count);
    }

    /** A resource that is described exists: whatever its reply is, it is not the one of an unknown path. */
    @Test
    void whatIsDescribedIsThere() {
        parsed().getPaths().forEach((path, item) -> {
            for (Map.Entry<PathItem.HttpMethod, Operation> operation : item.readOperationsMap().entrySet()) {
                String target = path.replaceAll("\\{(number|other)\\}", "1").replaceAll("\\{[a-z]+\\}", "none");
                String reply = bench.say(operation.getKey().name(), target, "x");
                assertTrue(!reply.startsWith("405"), operation.getKey() + " " + target + ": " + reply);
                String status = reply.substring(0, 3);
                assertTrue(operation.getValue().getResponses().containsKey(status) || reply.equals("waits"),
                    operation.getKey() + " " + target + " answers " + reply);
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"POST,/config", "PUT,/status", "POST,/control/revisions", "DELETE,/control/revisions/1",
        "PUT,/control/openapi.json", "GET,/control/revisions/1/rollback", "POST,/certificates/a"})
    void whatIsNotDescribedIsNotAllowed(String method, String path) {
        PathItem item = parsed().getPaths().get(path.replaceAll("/1(/|$)", "/{number}$1").replaceAll("/a$", "/{name}"));
        assertTrue(!item.readOperationsMap().containsKey(PathItem.HttpMethod.valueOf(method)), path);
        assertTrue(bench.say(method, path, "").startsWith("405"), path);
    }

    @Test
    void itIsMadeOnceForTheSameLanguages() {
        ControlReply first = bench.ask("GET", "/control/openapi.json", "").join();
        assertSame(first.body(), bench.ask("GET", "/control/openapi.json", "").join().body());
        assertTrue(text().contains("application-python"));
        bench.python = false;
        ControlReply other = bench.ask("GET", "/control/openapi.json", "").join();
        assertNotSame(first.body(), other.body());
        assertTrue(!text().contains("application-python"));
        assertTrue(first.body().length < 200_000, "bytes: " + first.body().length);
    }
}
