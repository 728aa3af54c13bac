// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What nobody reads is refused; numbers that no server can bear are, too. */
class ClaimTest {
    private static final Schema ALL = Schemas.load().current();
    /** Of the bundles of the distribution. */
    private static final Set<String> THERE = Set.of("action:return", "action:share",
        "filter:response_headers", "lang:python");
    private static final Set<String> WITH_EXTERNAL = Set.of("lang:external", "lang:python", "wire:libunit");

    /** A server with these extensions and two processors. */
    private record Server(Set<String> readers) implements Facts {

        @Override
        public ModuleTypes modules() {
            return type -> true;
        }

        @Override
        public boolean reads(String reader) {
            return reader.indexOf(':') < 0 || readers.contains(reader);
        }

        @Override
        public int processors() {
            return 2;
        }

        @Override
        public boolean certificate(String name) {
            return true;
        }
    }

    private static Optional<Problem> validate(String text, Set<String> readers) {
        return ALL.validate(Schemas.parse(text.replace('\'', '"')), new Server(readers));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{'access_log': '/x'}|section:/access_log|access_log|/access_log",
        "{'access_log': {'path': '/x'}}|section:/access_log|access_log|/access_log",
        "{'settings': {'telemetry': {'endpoint': 'x', 'protocol': 'http'}}}|section:/settings/telemetry|telemetry|"
            + "/settings/telemetry",
        "{'settings': {'http': {'compression': {'types': 'text/*'}}}}|filter:compression|compression|"
            + "/settings/http/compression",
        "{'upstreams': {'u': {'servers': {}}}}|target:upstreams|upstreams|/upstreams",
        "{'routes': [{'action': {'proxy': 'http://127.0.0.1:1'}}]}|action:proxy|proxy|/routes/0/action/proxy",
        "{'listeners': {'*:1': {'pass': 'routes', 'forwarded': {'source': [], 'protocol': 'x'}}}, 'routes': []}"
            + "|filter:forwarded|forwarded|/listeners/*:1/forwarded",
        "{'listeners': {'*:1': {'pass': 'routes', 'tls': {'certificate': {'acme': {'domains': 'a', "
            + "'terms_of_service_agreed': true}}}}}, 'routes': []}|certificate:acme|acme|"
            + "/listeners/*:1/tls/certificate/acme",
        "{'listeners': {'*:1': {'pass': 'routes', 'tls': {'certificate': ['c', {'acme': {'domains': 'a', "
            + "'terms_of_service_agreed': true}}]}}}, 'routes': []}|certificate:acme|acme|"
            + "/listeners/*:1/tls/certificate/1/acme",
        "{'applications': {'a': {'type': 'external', 'executable': '/x'}}}|lang:external|external|"
            + "/applications/a/type",
        "{'applications': {'a': {'type': 'php 8', 'root': '/x'}}}|lang:php|php|/applications/a/type",
        "{'applications': {'a': {'type': 'external', 'executable': 'x', 'limits': {'shm': 5}}}}|wire:libunit|shm|"
            + "/applications/a/limits/shm"})
    void anOptionIsValidWhileSomethingReadsIt(String conf, String reader, String name, String path) {
        Set<String> there = new HashSet<>(THERE);
        if (reader.startsWith("wire:")) {
            there.add("lang:external");
        }
        Problem problem = validate(conf, there).orElseThrow();
        assertEquals("No installed bundle supports \"" + name + "\".", problem.detail());
        assertEquals(path, problem.path().toString());
        assertTrue(problem.suggestion().orElseThrow().startsWith("Install a bundle that provides the "
            + reader.replaceFirst(":(.*)", " \"$1\"") + ", or "), problem.suggestion().get());
        there.add(reader);
        assertEquals(Optional.empty(), validate(conf, there));
    }

    /** A way to get certificates may be that of a bundle which is not there, and whose schema is not either. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{}|The \"certificate\" object must contain at least one member.||",
        "{'vault': {'role': 'a'}}|No installed bundle supports \"vault\".|/vault|Install a bundle that provides the "
            + "certificate \"vault\", or leave \"vault\" out.",
        "{'acne': {}}|Unknown parameter \"acne\".||acme",
        "{'acme': {'domains': 'a', 'terms_of_service_agreed': true}, 'vault': {}}|Unknown parameter \"vault\".||",
        "{'acme': 5}|The \"acme\" value must be an object, but not an integer number.|/acme|",
        "{'acme': {'domains': 'a'}}|The \"acme\" certificate must have the \"domains\" and "
            + "\"terms_of_service_agreed\" options set.|/acme|",
        "{'acme': {'domains': 'a', 'terms_of_service_agreed': true, 'domain': 'b'}}|Unknown parameter \"domain\"."
            + "|/acme|domains"})
    void aDescribedCertificateIsThatOfABundle(String certificate, String detail, String place, String suggestion) {
        for (String form : List.of("%s|", "['c', %s]|/1")) {
            String[] parts = form.split("\\|", 2);
            Problem problem = validate("{'listeners': {'*:1': {'pass': 'routes', 'tls': {'certificate': "
                + parts[0].formatted(certificate) + "}}}, 'routes': []}", Set.of("certificate:acme")).orElseThrow();
            assertEquals(detail, problem.detail());
            assertEquals("/listeners/*:1/tls/certificate" + parts[1] + (place == null ? "" : place),
                problem.path().toString());
            assertEquals(Optional.ofNullable(suggestion), problem.suggestion());
        }
    }

    /** A server that is asked for a certificate as a client shows a stored one. */
    @Test
    void onlyListenersDescribeCertificates() {
        assertEquals("The \"certificate\" value must be a string, but not an object.", validate(
            "{'listeners': {}, 'routes': [{'action': {'proxy': 'https://a.example:443', 'tls': {'certificate': "
            + "{'acme': {}}}}}]}", Set.of("certificate:acme", "action:proxy")).orElseThrow().detail());
    }

    /** The bundle that reads the option is there, but has no part in applications of this type. */
    @Test
    void anOptionOfAWireIsForTheTypesThatUseIt() {
        String conf = "{'applications': {'a': {'type': '%s', '%s': 'x', 'limits': {'shm': 5}}}}";
        Problem problem = validate(conf.formatted("python", "module"), WITH_EXTERNAL).orElseThrow();
        assertEquals("No installed bundle supports \"shm\".", problem.detail());
        assertEquals("/applications/a/limits/shm", problem.path().toString());
        assertEquals("Leave \"shm\" out: the type \"python\" does not use the wire \"libunit\" that reads it.",
            problem.suggestion().orElseThrow());
        assertEquals(Optional.empty(), validate(conf.formatted("external", "executable"), WITH_EXTERNAL));
        assertEquals(Optional.empty(), validate(conf.formatted("go", "executable"), WITH_EXTERNAL));
        for (String type : List.of("python", "external")) {
            ConfObject limits = JsonSchema.of(ALL, new Server(WITH_EXTERNAL), "#/").object("application-" + type)
                .orElseThrow().object("properties").orElseThrow().object("limits").orElseThrow();
            assertEquals(type.equals("external"), limits.object("properties").orElseThrow().has("shm"), type);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'upstreams': {}}", "{'settings': {'http': {'compression': {}, 'websocket': {}}}}",
        "{'settings': {'js_module': []}}", "{'settings': {'http': {'static': {'mime_types': {}}}}}",
        "{'applications': {'a': {'type': 'python', 'module': 'x', 'limits': {}}}}"})
    void whatIsEmptyAsksForNothing(String conf) {
        assertEquals(Optional.empty(), validate(conf, THERE));
    }

    @Test
    void everyOptionOfEveryFileHasAReader() {
        List<Option> options = ALL.options();
        assertTrue(options.size() > 130, options::toString);
        assertEquals(List.of(), options.stream().filter(option -> option.reader().isEmpty()).toList());
        Set<String> readers = new TreeSet<>();
        options.forEach(option -> readers.add(option.reader().orElseThrow()));
        assertTrue(readers.containsAll(List.of("router", "main", "isolation", "action:share", "action:return",
            "lang:python", "wire:libunit", "section:/access_log")), readers::toString);
    }

    @Test
    void optionsAreNamedByTheirPlace() {
        List<String> paths = ALL.options().stream().map(Option::path).toList();
        for (String path : List.of("/access_log", "/access_log/format/*", "/routes/*/match/uri",
            "/routes/*/*/action<share>/share", "/applications/*<python>/targets/*/module",
            "/settings/http/static/mime_types/*", "/listeners/*/tls/session/tickets", "/applications/*/processes",
            "/applications/*/processes/max", "/routes/*/match/headers/*/*")) {
            assertTrue(paths.contains(path), path + " in " + paths);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{'settings': {'listen_threads': 100000}}|The \"listen_threads\" number must not exceed 16 on this machine, 8 "
            + "for each of its processors.|",
        "{'settings': {'listen_threads': 2147483648}}|The \"listen_threads\" number must not exceed 2147483647.|",
        "{'applications': {'a': {'type': 'python', 'module': 'x', 'processes': 100000}}}|processes|10000",
        "{'applications': {'a': {'type': 'python', 'module': 'x', 'processes': {'max': 100000}}}}|max|10000",
        "{'applications': {'a': {'type': 'python', 'module': 'x', 'processes': {'max': 5, 'spare': 100000}}}}|spare"
            + "|10000",
        "{'applications': {'a': {'type': 'python', 'module': 'x', 'threads': 100000}}}|threads|1000",
        "{'settings': {'http': {'large_header_buffers': 100000}}}|large_header_buffers|1000",
        "{'settings': {'http': {'body_buffer_size': 100000000}}}|body_buffer_size|16777216",
        "{'settings': {'http': {'idle_timeout': 100000000000}}}|idle_timeout|2147483",
        "{'listeners': {'*:1': {'pass': '$uri', 'tls': {'certificate': 'x', 'session': {'cache_size': 100000000}}}}}"
            + "|cache_size|1000000"})
    void numbersHaveBounds(String conf, String text, String bound) {
        assertEquals(bound == null ? text : "The \"" + text + "\" number is more than this server can bear: it must "
            + "not exceed " + bound + ".", validate(conf, THERE).orElseThrow().detail());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'settings': {'listen_threads': 16}}", "{'settings': {'http': {'max_body_size': 1e12}}}",
        "{'applications': {'a': {'type': 'python', 'module': 'x', 'processes': 10000, 'threads': 1000}}}"})
    void numbersWithinThemPass(String conf) {
        assertEquals(Optional.empty(), validate(conf, THERE));
    }

    @Test
    void theJsonSchemaLeavesOutWhatNobodyReads() {
        ConfObject schema = JsonSchema.of(ALL, new Server(THERE), "#/");
        ConfObject top = schema.object("configuration").orElseThrow().object("properties").orElseThrow();
        assertFalse(schema.object("settings").orElseThrow().object("properties").orElseThrow().has("telemetry"),
            "it has no empty value");
        assertEquals("No installed bundle supports it", top.object("upstreams").orElseThrow().string("description")
            .orElseThrow());
        assertFalse(schema.has("action-proxy"));
        assertTrue(schema.has("action-share"));
        assertFalse(schema.has("application-php"));
        assertTrue(JsonSchema.of(ALL, Facts.of(type -> true), "#/").has("action-proxy"));
    }
}
