// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.http.Fields;
import io.margay.http.Request;
import io.margay.route.Action;
import io.margay.route.ActionFactory;
import io.margay.route.Extensions;
import io.margay.route.RouteCompiler;
import io.margay.route.RouteException;
import io.margay.testing.RouteSite;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What requests and responses carry, and what the options may be. */
class TracingTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String PARENT = "00-" + TRACE + "-b7ad6b7169203331-0";
    private static final Pattern RESPONSE = Pattern.compile(
        "\r\ntraceparent: (00-([0-9a-f]{32})-([0-9a-f]{16})-0[01])\r\n");
    private static final Pattern REQUEST = Pattern.compile("traceparent=00-([0-9a-f]{32})-([0-9a-f]{16})-(0[01]);");

    /** Tells the fields of the request; {@code /fail} fails. */
    private static final class Echo implements ActionFactory {
        @Override
        public String option() {
            return "echo";
        }

        @Override
        public Set<String> options() {
            return Set.of("echo");
        }

        @Override
        public Action compile(ConfObject action, RouteCompiler compiler) {
            return exchange -> {
                Request request = exchange.request();
                if (request.path().contentEquals("/fail")) {
                    exchange.fail(503);
                    return;
                }
                StringBuilder text = new StringBuilder();
                for (int i = 0; i < request.fieldCount(); i++) {
                    text.append(request.name(i)).append('=').append(request.value(i)).append(';');
                }
                exchange.respond(200, Fields.NONE, text.toString().getBytes(StandardCharsets.ISO_8859_1));
            };
        }
    }

    private static RouteSite site(String telemetry) {
        return new RouteSite(Extensions.builder().add(new Echo(), RouteSite.ORIGIN)
            .add(new TelemetryFactory(), RouteSite.ORIGIN).add(new TelemetryObserverFactory(), RouteSite.ORIGIN),
            RouteSite.conf("{'listeners': {'*:80': {'pass': 'routes'}}, 'routes': [{'action': {'echo': ''}}], "
                + "'settings': {'telemetry': " + telemetry + "}}"));
    }

    private static String options(String more) {
        return "{'endpoint': 'http://127.0.0.1:9/v1/traces', 'protocol': 'http'" + more + "}";
    }

    private static Matcher find(Pattern pattern, String answer) {
        Matcher matcher = pattern.matcher(answer);
        assertTrue(matcher.find(), answer);
        return matcher;
    }

    @Test
    void aRequestWithoutAContextBeginsATrace() {
        String answer = site(options("")).ask("GET", "/", "Host: h\r\n", "tracestate: a=1\r\n");
        Matcher request = find(REQUEST, answer);
        Matcher response = find(RESPONSE, answer);
        assertEquals(request.group(1) + request.group(2), response.group(2) + response.group(3));
        assertEquals("01", request.group(3));
        assertFalse(answer.contains("tracestate"), answer);
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "1, 1", "0, 0", "0, 1"})
    void aContextGoesOnAndDecides(String ratio, String flag) {
        String answer = site(options(", 'sampling_ratio': " + ratio)).ask("GET", "/", "Host: h\r\n",
            "Traceparent: " + PARENT + flag + "\r\n", "tracestate: a=1\r\n", "TraceState: b=2\r\n");
        Matcher request = find(REQUEST, answer);
        assertEquals(TRACE, request.group(1));
        assertFalse(request.group(2).equals("b7ad6b7169203331"), answer);
        assertEquals("0" + flag, request.group(3));
        assertEquals(PARENT + flag, find(RESPONSE, answer).group(1));
        assertTrue(answer.contains("tracestate=a=1,b=2;"), answer);
        assertTrue(answer.contains("\r\ntracestate: a=1,b=2\r\n"), answer);
        assertFalse(answer.contains("Traceparent="), answer);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"traceparent: x|1", "traceparent: 00-0-0-00|1",
        "traceparent: P,traceparent: P|1", "traceparent: P,tracestate: nothing|0"})
    void whatIsMalformedIsHidden(String fields, int fresh) {
        String[] lines = fields.replace("P", PARENT + "1").split(",");
        String[] all = new String[lines.length + 2];
        all[0] = "Host: h\r\n";
        for (int i = 0; i < lines.length; i++) {
            all[i + 1] = lines[i] + "\r\n";
        }
        all[lines.length + 1] = fields.contains("tracestate") ? "A: b\r\n" : "tracestate: a=1\r\n";
        String answer = site(options("")).ask("GET", "/", all);
        assertEquals(fresh == 0, find(REQUEST, answer).group(1).equals(TRACE), answer);
        assertFalse(answer.contains("tracestate"), answer);
        assertEquals(1, REQUEST.matcher(answer).results().count());
    }

    @Test
    void noneIsRecordedWithTheRatioNought() {
        assertEquals("00", find(REQUEST, site(options(", 'sampling_ratio': 0")).ask("GET", "/", "Host: h\r\n"))
            .group(3));
    }

    @ParameterizedTest
    @CsvSource({"/fail, 503", "*, 400"})
    void errorsCarryItToo(String target, int status) {
        String answer = site(options("")).ask("GET", target, "Host: h\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
        find(RESPONSE, answer);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "{'protocol': 'http'}|/settings/telemetry|Required parameter \"endpoint\" is missing.",
        "{'endpoint': 'http://c'}|/settings/telemetry|Required parameter \"protocol\" is missing.",
        "{'endpoint': 'http://c', 'protocol': 'x'}|/settings/telemetry/protocol|The \"protocol\" must be",
        "{'endpoint': 'http://c', 'protocol': 'grpc'}|/settings/telemetry/protocol|No installed bundle supports",
        "{'endpoint': 'c', 'protocol': 'http'}|/settings/telemetry/endpoint|must be a URL",
        "{'endpoint': 'ftp://c', 'protocol': 'http'}|/settings/telemetry/endpoint|must be a URL",
        "{'endpoint': 'http:///x', 'protocol': 'http'}|/settings/telemetry/endpoint|",
        "{'endpoint': 'http://a b', 'protocol': 'http'}|/settings/telemetry/endpoint|not a valid URL",
        "{'endpoint': 'http://u:p@c', 'protocol': 'http'}|/settings/telemetry/endpoint|must be a URL",
        "{'endpoint': 'http://c:0/', 'protocol': 'http'}|/settings/telemetry/endpoint|must be a URL",
        "{'endpoint': 'http://c/#a', 'protocol': 'http'}|/settings/telemetry/endpoint|must be a URL",
        "{'endpoint': 'http://c', 'protocol': 'http', 'batch_size': 0}|/settings/telemetry/batch_size|greater than 0",
        "{'endpoint': 'http://c', 'protocol': 'http', 'batch_size': 65537}|/settings/telemetry/batch_size|exceed 65536",
        "{'endpoint': 'http://c', 'protocol': 'http', 'sampling_ratio': 2}|/settings/telemetry/sampling_ratio|between"})
    void whatCannotBeIsRefused(String telemetry, String pointer, String reason) {
        RouteException thrown = assertThrows(RouteException.class, () -> site(telemetry));
        assertEquals(pointer, thrown.pointer());
        assertTrue(thrown.getMessage().contains(reason == null ? "" : reason), thrown.getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "'headers': []|headers|an object of",
        "'headers': {'a': 1}|headers/a|object of strings",
        "'headers': {'a b': '1'}|headers/a b|cannot be sent",
        "'headers': {'HOST': '1'}|headers/HOST|cannot be sent",
        "'headers': {'Origin': '1'}|headers/Origin|cannot be sent",
        "'headers': {'X-A': '1', 'x-a': '1'}|headers/x-a|is given twice",
        "'headers': {'a': 'b\\r\\nc: d'}|headers/a|visible ASCII",
        "'resource_attributes': {'': 'x'}|resource_attributes|empty",
        "'resource_attributes': {'service.name': 'x'}|resource_attributes/service.name|is that"})
    void whatCannotBeExportedIsRefused(String members, String place, String reason) {
        whatCannotBeIsRefused("{'endpoint': 'http://c', 'protocol': 'http', " + members + "}",
            "/settings/telemetry/" + place, reason);
    }
}
