// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.http.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies with variables: what clients have sent stays text; and both ways in which templates are written agree. */
class BodyTemplateTest {
    private final List<BodyTemplate> made = new ArrayList<>();

    /** Answers with a body of a type: {@code {"body": "<$uri>", "type": "text/html"}}. */
    private final class Body implements ActionFactory {
        @Override
        public String option() {
            return "body";
        }

        @Override
        public Set<String> options() {
            return Set.of("body", "type");
        }

        @Override
        public Action compile(ConfObject action, RouteCompiler compiler) {
            BodyTemplate body = BodyTemplate.compile(compiler, "body", action.string("body").orElseThrow(),
                action.string("type").orElse(""));
            made.add(body);
            return e -> {
                ByteBuf text = body.evaluate(e);
                byte[] bytes = new byte[text.readableBytes()];
                text.readBytes(bytes);
                e.respond(200, Fields.NONE, bytes);
            };
        }
    }

    private Site site(String type, String body) {
        return new Site("{'listeners': {'*:80': {'pass': 'routes'}}, 'routes': [{'action': {'body': '" + body
            + "', 'type': '" + type + "'}}]}", Site.extensions().add(new Body(), Site.ORIGIN));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        text/html                      | &lt;&#34;&#39;&amp;&gt;\\
        TEXT/HTML                      | &lt;&#34;&#39;&amp;&gt;\\
        text/html; charset=utf-8       | &lt;&#34;&#39;&amp;&gt;\\
        ' text/html ;x'                | &lt;&#34;&#39;&amp;&gt;\\
        text/xml                       | &lt;&#34;&#39;&amp;&gt;\\
        application/xml                | &lt;&#34;&#39;&amp;&gt;\\
        application/xhtml+xml          | &lt;&#34;&#39;&amp;&gt;\\
        image/svg+xml                  | &lt;&#34;&#39;&amp;&gt;\\
        application/json               | \\u003c\\u0022\\u0027\\u0026\\u003e\\u005c
        application/problem+json       | \\u003c\\u0022\\u0027\\u0026\\u003e\\u005c
        Application/JSON; x=y          | \\u003c\\u0022\\u0027\\u0026\\u003e\\u005c
        text/javascript                | \\u003c\\u0022\\u0027\\u0026\\u003e\\u005c
        application/javascript         | \\u003c\\u0022\\u0027\\u0026\\u003e\\u005c
        text/plain                     | <"'&>\\
        ''                             | <"'&>\\
        text/htm                       | <"'&>\\
        text/css                       | <"'&>\\
        application/jsonp              | <"'&>\\
        """)
    void valuesAreTextWhereTheyStand(String type, String wanted) {
        assertEquals("<" + wanted + ">", site(type, "<$arg_a>").get("/?a=%3C%22%27%26%3E%5C"));
    }

    static IntStream everyByte() {
        return IntStream.range(0, 256);
    }

    @ParameterizedTest
    @MethodSource("everyByte")
    void everyByteOfAValue(int c) {
        String target = "/?a=" + String.format("%%%02X", c);
        char letter = (char) c;
        assertEquals("" + letter, site("text/plain", "$arg_a").get(target));
        String markup = switch (letter) {
            case '&' -> "&amp;";
            case '<' -> "&lt;";
            case '>' -> "&gt;";
            case '"' -> "&#34;";
            case '\'' -> "&#39;";
            default -> "" + letter;
        };
        assertEquals(markup, site("text/html", "$arg_a").get(target));
        boolean special = c < ' ' || "\"\\'<>&".indexOf(letter) >= 0;
        assertEquals(special ? String.format("\\u%04x", c) : "" + letter,
            site("application/json", "$arg_a").get(target), "a string of JSON (RFC 8259 §7)");
    }

    @Test
    void whatTheConfigurationSaysStaysAsItIs() {
        assertEquals("<a href='x'>&</a> /p", site("text/html", "<a href=\\u0027x\\u0027>&</a> $uri").get("/p"));
    }

    @Test
    void whatIsConstantIsMadeOnce() {
        site("text/html", "a $dollar");
        site("text/html", "a <b> \\u20ac");
        assertFalse(made.get(0).isConstant());
        assertThrows(IllegalStateException.class, made.get(0)::constant);
        assertTrue(made.get(1).isConstant());
        assertArrayEquals("a <b> \u20ac".getBytes(StandardCharsets.UTF_8), made.get(1).constant());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        $nothing | Unknown variable "nothing" in the "body" value.
        a $      | Invalid variable at position 2 in the "body" value.
        `a`      | JavaScript templates are not supported in the "body" value.
        """)
    void whatIsNoTemplate(String body, String reason) {
        RouteException e = assertThrows(RouteException.class, () -> site("text/html", body));
        assertEquals(reason, e.getMessage());
        assertEquals("/routes/0/action/body", e.pointer());
    }

    @Test
    void variablesWithoutAValueAndNumbers() {
        Site site = site("application/json", "{\\u0022a\\u0022: \\u0022$arg_none$cookie_none$header_none\\u0022, "
            + "\\u0022s\\u0022: $status$body_bytes_sent}");
        assertEquals("{\"a\": \"\", \"s\": 0000}", site.get("/"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 127, 128, 129, 1000, 7000})
    void longValues(int size) {
        assertEquals("<" + "&lt;".repeat(size) + ">", site("text/html", "<$arg_a>").get("/?a=" + "<".repeat(size)));
    }

    // ---- both ways of writing -----------------------------------------

    /** Puts together what a template writes; absent ones show. */
    private static final class Sink implements TemplateSink {
        private final StringBuilder all = new StringBuilder();

        @Override
        public void literal(AsciiString text) {
            all.append(Bytes.latin(text));
        }

        @Override
        public void digits(long value, int least) {
            all.append(String.format("%0" + least + "d", value));
        }

        @Override
        public void absent() {
            all.append('\u0001');
        }

        @Override
        public void put(byte[] a, int start, int length) {
            all.append(new String(a, start, length, StandardCharsets.ISO_8859_1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "$dollar", "$host", "$uri", "$request_uri", "$method", "$request_line",
        "$remote_addr", "$request_id", "$status", "$body_bytes_sent", "$header_referer", "$header_user_agent",
        "$header_x_own", "$header_none", "$arg_a", "$arg_b", "$arg_none", "$cookie_c", "$cookie_none",
        "$response_header_none", "$ssl_protocol", "$ssl_client_s_dn", "a${uri}b$arg_a$$dollar", "$uri$uri"})
    void agree(String text) {
        List<String> results = new ArrayList<>();
        ActionFactory both = new ActionFactory() {
            @Override
            public String option() {
                return "both";
            }

            @Override
            public Set<String> options() {
                return Set.of("both");
            }

            @Override
            public Action compile(ConfObject action, RouteCompiler compiler) {
                Template template = compiler.template("both", action.string("both").orElseThrow());
                return e -> {
                    Sink sink = new Sink();
                    template.write(e, sink);
                    results.add(sink.all.toString().replace("\u0001", ""));
                    results.add(Bytes.latin(template.evaluate(e)));
                    e.respond(204, Fields.NONE, new byte[0]);
                };
            }
        };
        String valid = text.replace("$$", "$dollar$");
        Site site = new Site("{'listeners': {'*:80': {'pass': 'routes'}}, 'routes': [{'action': {'both': '" + valid
            + "'}}]}", Site.extensions().add(both, Site.ORIGIN));
        for (String target : new String[] {"/", "/p%20q?a=1%26&a=2&b", "/x?a=&c=%zz"}) {
            assertEquals("204", site.get(target, "Host: Example.com", "X-Own: \u00e9 v", "Cookie: c=1; c=2",
                "Referer: r", "User-Agent: u"));
            assertEquals("204", site.get(target));
        }
        assertEquals(12, results.size());
        for (int i = 0; i < results.size(); i += 2) {
            assertEquals(results.get(i), results.get(i + 1), valid);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        arg_x                    | false
        uri                      | false
        header_x                 | false
        response_header_x        | true
        """)
    void variablesByName(String name, boolean readsResponse) {
        Template template = Template.variable(name).orElseThrow();
        assertFalse(template.isConstant());
        assertEquals(readsResponse, template.readsResponse());
        assertEquals(2, template.literals().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "arg_", "cookie_", "header_", "response_header_", "ssl_", "ssl_none", "URI",
        "time", "$uri", "uri ", "request"})
    void thereAreNoOthers(String name) {
        assertEquals(Optional.empty(), Template.variable(name));
    }
}
