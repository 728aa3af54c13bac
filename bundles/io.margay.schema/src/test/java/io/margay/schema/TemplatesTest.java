// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.conf.Conf;
import io.margay.conf.ConfPointer;
import io.margay.testing.SchemaFiles;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values with variables, and destinations: spec/configuration.md §8 and §13. */
class TemplatesTest {
    /** Each option that takes a template. */
    private static final List<String> OPTIONS = List.of("/listeners/*:80/pass", "/routes/main/2/action/pass",
        "/routes/main/0/action/rewrite", "/routes/main/1/action/location", "/routes/main/0/action/share",
        "/routes/main/0/action/chroot", "/routes/main/0/action/response_headers/X-Y", "/routes/main/0/match/if",
        "/routes/main/1/action/body", "/routes/main/1/action/error_pages/5xx/body",
        "/access_log/format", "/access_log/format/field", "/access_log/if");

    private static final List<String> VARIABLES = List.of("dollar", "method", "request_line", "request_uri", "uri",
        "host", "remote_addr", "request_id", "request_time", "time_local", "status", "body_bytes_sent", "header_a",
        "header_X_Y", "header_referer", "header_user_agent", "arg_a", "arg_A", "arg_a_b", "cookie_a", "cookie_A",
        "response_header_a", "response_header_connection", "response_header_content_length",
        "response_header_transfer_encoding", "ssl_protocol", "ssl_cipher", "ssl_server_name", "ssl_session_reused",
        "ssl_client_verify", "ssl_client_s_dn", "ssl_client_i_dn", "ssl_client_serial", "ssl_client_fingerprint",
        "ssl_client_v_start", "ssl_client_v_end", "ssl_client_v_remain", "ssl_client_escaped_cert");

    static Stream<String> options() {
        return OPTIONS.stream();
    }

    @ParameterizedTest
    @MethodSource("options")
    void everyVariableIsKnownInEveryOption(String pointer) {
        for (String variable : VARIABLES) {
            Whole.accepted(pointer, Conf.of("$" + variable));
            Whole.accepted(pointer, Conf.of("a${" + variable + "}b$dollar"));
        }
    }

    @ParameterizedTest
    @MethodSource("options")
    void othersAreNot(String pointer) {
        String name = ConfPointer.parse(pointer).segments().getLast();
        for (String variable : List.of("x", "Host", "URI", "host_", "hosts", "arg", "arg_", "header_", "cookie_",
            "response_header_", "args_a", "server_name", "status_code")) {
            String detail = "Unknown variable \"" + variable + "\" in the \"" + name + "\" value.";
            Whole.refused(pointer, Conf.of("$" + variable), detail);
            Whole.refused(pointer, Conf.of("$host/${" + variable + "}"), detail);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        $           | 0
        $$          | 0
        $1          | 0
        $-          | 0
        ${          | 0
        ${}         | 0
        ${host      | 0
        ${ho st}    | 0
        ${host1}    | 0
        ${ host}    | 0
        ${host-}    | 0
        $ host      | 0
        $.host      | 0
        $\u00e9     | 0
        a$          | 1
        a$b$        | -
        abc${       | 3
        $host$      | 5
        $host$$     | 5
        ${host}$    | 7
        ${host}${   | 7
        \u00e9$     | 2
        \u20ac\u20ac$1 | 6
        \ud83d\ude00$ | 4
        """)
    void brokenOnesAreFoundByTheirByte(String text, String position) {
        for (String pointer : OPTIONS) {
            String name = ConfPointer.parse(pointer).segments().getLast();
            Whole.refused(pointer, Conf.of(text), position.equals("-") ? "Unknown variable \"b\" in the \"" + name
                + "\" value." : "Invalid variable at position " + position + " in the \"" + name + "\" value.");
        }
    }

    @Test
    void aNameEndsAtTheFirstOtherCharacter() {
        for (String text : List.of("$host1", "$host-$host", "$host.x", "$host/$uri?$arg_a", "${host}name", "$arg_a1",
            "$host$uri", "{$host}", "$host}", "\u00e9$host\u00e9")) {
            OPTIONS.forEach(pointer -> Whole.accepted(pointer, Conf.of(text)));
        }
    }

    /** A script is asked about as a whole, and by its first character only. */
    @Test
    void scripts() {
        String detail = "No such script. in the \"%s\" value.";
        for (String pointer : OPTIONS) {
            String name = ConfPointer.parse(pointer).segments().getLast();
            Whole.refused(pointer, Conf.of("`$x`"), detail.formatted(name));
            Whole.refused(pointer, Conf.of("`"), detail.formatted(name));
        }
        Whole.accepted("/routes/main/1/action/location", Conf.of("a`$uri`"));
        Facts scripted = new Facts() {
            @Override
            public ModuleTypes modules() {
                return type -> true;
            }

            @Override
            public Optional<String> scriptProblem(String template) {
                return template.equals("`${uri}`") ? Optional.empty() : Optional.of("\"SyntaxError\"");
            }
        };
        Schema schema = Schemas.load().current();
        assertEquals(Optional.empty(), schema.validate(Schemas.parse(
            "{\"routes\": [{\"action\": {\"return\": 200, \"location\": \"`${uri}`\"}}]}"), scripted));
        assertEquals("\"SyntaxError\" in the \"location\" value.", schema.validate(Schemas.parse(
            "{\"routes\": [{\"action\": {\"return\": 200, \"location\": \"`$(`\"}}]}"), scripted).orElseThrow()
            .detail());
    }

    /** Nobody evaluates them where no bundle does, or it does not run. */
    @Test
    void scriptsWithoutAnEngine() {
        String problem = "Unit is built without support of njs: \"--njs\" ./configure option is missing. in the "
            + "\"location\" value.";
        Conf conf = Schemas.parse("{\"routes\": [{\"action\": {\"return\": 200, \"location\": \"`${uri}`\"}}]}");
        Facts idle = new Facts() {
            @Override
            public ModuleTypes modules() {
                return type -> true;
            }

            @Override
            public boolean reads(String reader) {
                return !reader.equals("section:/settings/js_module");
            }
        };
        assertEquals(problem, Schemas.load().current().validate(conf, idle).orElseThrow().detail());
        SchemaRegistry without = new SchemaRegistry();
        SchemaFiles.all().forEach((source, json) -> {
            if (!source.contains("template.script")) {
                without.put(source, json);
            }
        });
        assertEquals(problem, without.current().validate(conf, Facts.of(type -> true)).orElseThrow().detail());
    }

    /** Elsewhere a dollar is a dollar. */
    @ParameterizedTest
    @ValueSource(strings = {"/routes/main/0/action/index", "/routes/main/0/action/types", "/routes/main/0/match/host",
        "/routes/main/0/match/uri", "/applications/py/working_directory", "/settings/http/body_temp_path",
        "/access_log/path", "/listeners/*:80/forwarded/protocol", "/applications/py/environment/A"})
    void dollarsElsewhere(String pointer) {
        Whole.accepted(pointer, Conf.of("$x ${ $"));
    }

    @Test
    void allElementsOfShareAreTemplates() {
        assertEquals(Optional.empty(), Whole.with("/routes/main/0/action/share", "[\"/a$uri\", \"/b\", \"$host\"]"));
        Problem problem = Whole.with("/routes/main/0/action/share", "[\"/a$uri\", \"/b$x\"]").orElseThrow();
        assertEquals("Unknown variable \"x\" in the \"share\" value.", problem.detail());
        assertEquals("/routes/main/0/action/share/1", problem.path().toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # what is there
        applications/py             | -
        applications/pt             | -
        applications/pt/t           | -
        applications/%70y           | -
        applications/p%79           | -
        upstreams/u                 | -
        routes/main                 | -
        rout%65s/main               | -
        # what cannot be read
        ``                          | invalid
        /                           | invalid
        //                          | invalid
        applications/               | invalid
        /applications               | invalid
        applications//t             | invalid
        applications/pt/            | invalid
        applications/pt/t/x         | invalid
        routes/main/x/y             | invalid
        applications/%              | invalid
        applications/%4             | invalid
        applications/%zz            | invalid
        %/a                         | invalid
        # what is not there
        a                           | location
        routes                      | location
        applications                | location
        upstreams                   | location
        applications/none           | location
        applications/PY             | location
        applications/py/t           | location
        applications/pt/none        | location
        applications/pt/T           | location
        applications/ex/t           | location
        upstreams/none              | location
        upstreams/u/x               | location
        routes/none                 | location
        routes/main/x               | location
        routes/Main                 | location
        Applications/py             | location
        a/b                         | location
        a/b/c                       | location
        applications/py+            | location
        applications/pt%2Ft         | location
        """)
    void destinations(String text, String problem) {
        for (String pointer : List.of("/listeners/*:80/pass", "/routes/main/2/action/pass")) {
            switch (problem) {
                case "-" -> Whole.accepted(pointer, Conf.of(text));
                case "invalid" -> Whole.refused(pointer, Conf.of(text), "Request \"pass\" value \"" + text
                    + "\" is invalid.");
                default -> Whole.refused(pointer, Conf.of(text), "Request \"pass\" points to invalid location \""
                    + text + "\".");
            }
        }
    }

    @Test
    void theOnlyRouteHasNoName() {
        Schema schema = Schemas.load().current();
        String conf = "{\"routes\": [], \"listeners\": {\"*:80\": {\"pass\": \"%s\"}}}";
        assertEquals(Optional.empty(), schema.validate(Schemas.parse(conf.formatted("routes")), Whole.FACTS));
        assertEquals("Request \"pass\" points to invalid location \"routes/x\".",
            schema.validate(Schemas.parse(conf.formatted("routes/x")), Whole.FACTS).orElseThrow().detail());
        String named = "{\"routes\": {\"a/b\": [], \"\u00e9\": []}, \"listeners\": {\"*:80\": {\"pass\": \"%s\"}}}";
        for (String good : List.of("routes/a%2Fb", "routes/a%2fb", "routes/%C3%A9", "routes/\u00e9")) {
            assertEquals(Optional.empty(), schema.validate(Schemas.parse(named.formatted(good)), Whole.FACTS), good);
        }
    }

    @ParameterizedTest
    @CsvSource({"py, true", "pt, true", "none, false", "'', false", "p%79, false", "py/t, false", "PY, false"})
    void theOldWayToNameAnApplication(String name, boolean good) {
        if (good) {
            Whole.accepted("/listeners/*:81/application", Conf.of(name));
        } else {
            Whole.refused("/listeners/*:81/application", Conf.of(name),
                "Listening socket is assigned for a non existing application \"" + name + "\".");
        }
    }

    @Test
    void aListenerLeadsSomewhere() {
        assertEquals("The \"*:81\" listener must have either \"pass\" or \"application\" option set.",
            Whole.without("/listeners/*:81/application").orElseThrow().detail());
        assertEquals(Optional.empty(), Whole.with("/listeners/*:81/pass", Conf.of("routes/main")));
    }
}
