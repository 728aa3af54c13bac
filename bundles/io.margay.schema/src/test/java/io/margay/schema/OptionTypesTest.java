// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfPointer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.Arguments;

/** Each option with each type of JSON: the tables of spec/configuration.md §4 to §14. */
class OptionTypesTest {
    /** One value of each type, and the words for it. */
    private static final Map<String, String> VALUES = new LinkedHashMap<>();

    static {
        VALUES.put("null", "a null");
        VALUES.put("true", "a boolean");
        VALUES.put("1", "an integer number");
        VALUES.put("1.5", "a fractional number");
        VALUES.put("\"$dollar\"", "a string");
        VALUES.put("[]", "an array");
        VALUES.put("{}", "an object");
    }

    /** Places and the types that are right there: b boolean, i integer, f fraction, s string, a array, o object. */
    private static final String TABLE = """
        /settings                                       o
        /listeners                                      o
        /routes                                         ao
        /applications                                   o
        /upstreams                                      o
        /access_log                                     so
        /settings/listen_threads                        i
        /settings/js_module                             sa
        /settings/telemetry                             o
        /settings/telemetry/endpoint                    s
        /settings/telemetry/protocol                    s
        /settings/telemetry/batch_size                  i
        /settings/telemetry/sampling_ratio              if
        /settings/http                                  o
        /settings/http/header_read_timeout              i
        /settings/http/body_read_timeout                i
        /settings/http/send_timeout                     i
        /settings/http/idle_timeout                     i
        /settings/http/large_header_buffer_size         i
        /settings/http/large_header_buffers             i
        /settings/http/body_buffer_size                 i
        /settings/http/body_temp_path                   s
        /settings/http/max_body_size                    i
        /settings/http/max_response_header_size         i
        /settings/http/discard_unsafe_fields            b
        /settings/http/log_route                        b
        /settings/http/server_version                   b
        /settings/http/chunked_transform                b
        /settings/http/static                           o
        /settings/http/static/mime_types                o
        /settings/http/static/mime_types/text~1x        sa
        /settings/http/websocket                        o
        /settings/http/websocket/max_frame_size         i
        /settings/http/websocket/read_timeout           i
        /settings/http/websocket/keepalive_interval     i
        /settings/http/compression                      o
        /settings/http/compression/types                sa
        /settings/http/compression/compressors          ao
        /settings/http/compression/compressors/0/encoding   s
        /settings/http/compression/compressors/0/level      i
        /settings/http/compression/compressors/0/min_length i
        /listeners/*:80                                 o
        /listeners/*:80/pass                            s
        /listeners/*:81/application                     s
        /listeners/*:80/backlog                         if
        /listeners/*:80/forwarded                       o
        /listeners/*:80/forwarded/source                sa
        /listeners/*:80/forwarded/client_ip             s
        /listeners/*:80/forwarded/protocol              s
        /listeners/*:80/forwarded/recursive             b
        /listeners/*:80/client_ip                       o
        /listeners/*:80/client_ip/source                sa
        /listeners/*:80/client_ip/header                s
        /listeners/*:80/client_ip/recursive             b
        /listeners/*:80/tls                             o
        /listeners/*:80/tls/certificate                 sa
        /listeners/*:80/tls/conf_commands               o
        /listeners/*:80/tls/conf_commands/x             s
        /listeners/*:80/tls/session                     o
        /listeners/*:80/tls/session/cache_size          i
        /listeners/*:80/tls/session/timeout             i
        /listeners/*:80/tls/session/tickets             bsa
        /routes/main                                    a
        /applications/py/enabled                        b
        /routes/main/0/enabled                          b
        /routes/main/4/action/health                    s
        /routes/main/0/match                            o
        /routes/main/0/action                           o
        /routes/main/0/match/if                         s
        /routes/main/0/match/scheme                     s
        /routes/main/0/match/host                       sa
        /routes/main/0/match/uri                        sa
        /routes/main/0/match/method                     sa
        /routes/main/0/match/query                      sa
        /routes/main/0/match/headers                    ao
        /routes/main/0/match/arguments                  ao
        /routes/main/0/match/cookies                    ao
        /routes/main/0/match/source                     sa
        /routes/main/0/match/destination                sa
        /routes/main/0/action/rewrite                   s
        /routes/main/0/action/response_headers          o
        /routes/main/0/action/share                     sa
        /routes/main/0/action/index                     s
        /routes/main/0/action/types                     sa
        /routes/main/0/action/fallback                  o
        /routes/main/0/action/chroot                    s
        /routes/main/0/action/follow_symlinks           b
        /routes/main/0/action/traverse_mounts           b
        /routes/main/0/action/precompressed             b
        /routes/main/1/action/return                    i
        /routes/main/1/action/location                  s
        /routes/main/2/action/pass                      s
        /routes/main/3/action/proxy                     s
        /upstreams/u                                    o
        /upstreams/u/servers                            o
        /upstreams/u/servers/127.0.0.1:80               o
        /upstreams/u/servers/127.0.0.1:80/weight        if
        /upstreams/u/connect_timeout                    i
        /upstreams/u/response_timeout                   i
        /upstreams/u/keepalive_timeout                  i
        /access_log/path                                s
        /access_log/format                              so
        /access_log/if                                  s
        /applications/py                                o
        /applications/py/type                           s
        /applications/py/limits                         o
        /applications/py/limits/timeout                 i
        /applications/py/limits/start_timeout           i
        /applications/py/limits/stop_timeout            i
        /applications/py/limits/response_head           i
        /applications/py/limits/requests                i
        /applications/ex/limits/shm                     i
        /applications/py/processes                      io
        /applications/py/processes/max                  i
        /applications/py/processes/spare                i
        /applications/py/processes/idle_timeout         i
        /applications/py/user                           s
        /applications/py/group                          s
        /applications/py/working_directory              s
        /applications/py/environment                    o
        /applications/py/stdout                         s
        /applications/py/stderr                         s
        /applications/py/isolation                      o
        /applications/py/isolation/namespaces           o
        /applications/py/isolation/namespaces/cgroup    b
        /applications/py/isolation/namespaces/credential b
        /applications/py/isolation/namespaces/mount     b
        /applications/py/isolation/namespaces/network   b
        /applications/py/isolation/namespaces/pid       b
        /applications/py/isolation/namespaces/uname     b
        /applications/py/isolation/uidmap               a
        /applications/py/isolation/gidmap               a
        /applications/py/isolation/uidmap/0/container   i
        /applications/py/isolation/uidmap/0/host        i
        /applications/py/isolation/uidmap/0/size        i
        /applications/py/isolation/rootfs               s
        /applications/py/isolation/automount            o
        /applications/py/isolation/automount/language_deps b
        /applications/py/isolation/automount/tmpfs      b
        /applications/py/isolation/automount/procfs     b
        /applications/py/isolation/new_privs            b
        /applications/py/isolation/cgroup               o
        /applications/py/isolation/cgroup/path          s
        /applications/py/module                         s
        /applications/py/callable                       s
        /applications/py/factory                        b
        /applications/py/prefix                         s
        /applications/py/path                           sa
        /applications/py/home                           s
        /applications/py/protocol                       s
        /applications/py/threads                        i
        /applications/py/thread_stack_size              i
        /applications/pt/targets                        o
        /applications/pt/targets/t/module               s
        /applications/pt/targets/t/callable             s
        /applications/pt/targets/t/factory              b
        /applications/pt/targets/t/prefix               s
        /applications/php/root                          s
        /applications/php/script                        s
        /applications/php/index                         s
        /applications/php/options                       o
        /applications/php/options/file                  s
        /applications/php/options/admin                 o
        /applications/php/options/user                  o
        /applications/phw/worker                        s
        /applications/phw/worker_memory                 i
        /applications/pht/targets/t/root                s
        /applications/pht/targets/t/script              s
        /applications/pht/targets/t/index               s
        /applications/ex/executable                     s
        /applications/ht/executable                     s
        /applications/ht/listen                         s
        /applications/ht/ready                          s
        /applications/ht/concurrency                    i
        /applications/ex/arguments                      a
        /applications/pl/script                         s
        /applications/pl/threads                        i
        /applications/pl/thread_stack_size              i
        /applications/rb/script                         s
        /applications/rb/threads                        i
        /applications/rb/hooks                          s
        /applications/jv/webapp                         s
        /applications/jv/classpath                      a
        /applications/jv/options                        a
        /applications/jv/unit_jars                      s
        /applications/jv/threads                        i
        /applications/jv/thread_stack_size              i
        /applications/wa/module                         s
        /applications/wa/request_handler                s
        /applications/wa/malloc_handler                 s
        /applications/wa/free_handler                   s
        /applications/wa/module_init_handler            s
        /applications/wa/module_end_handler             s
        /applications/wa/request_init_handler           s
        /applications/wa/request_end_handler            s
        /applications/wa/response_end_handler           s
        /applications/wa/memory                         i
        /applications/wa/access                         o
        /applications/wa/access/filesystem              a
        /applications/wc/component                      s
        /applications/wc/access                         o
        /applications/wc/access/filesystem              a
        """;

    static Stream<Arguments> options() {
        return TABLE.lines().map(line -> Arguments.of(line.split(" +")[0], line.split(" +")[1]));
    }

    private static List<String> words(String kinds) {
        List<String> words = new ArrayList<>();
        for (String word : VALUES.values()) {
            char first = word.substring(word.indexOf(' ') + 1).charAt(0);
            if (word.equals("an array") ? kinds.indexOf('a') >= 0 : kinds.indexOf(first) >= 0) {
                words.add(word);
            }
        }
        return words;
    }

    private static String expected(List<String> words) {
        int last = words.size() - 1;
        return last == 0 ? words.getFirst() : last == 1 ? "either " + words.get(0) + " or " + words.get(1)
            : "either " + String.join(", ", words.subList(0, last)) + ", or " + words.get(last);
    }

    @ParameterizedTest
    @MethodSource("options")
    void anotherTypeIsRefusedWithTheTypesThatAreRight(String pointer, String kinds) {
        String last = ConfPointer.parse(pointer).segments().getLast();
        List<String> right = words(kinds);
        VALUES.forEach((json, word) -> {
            Optional<Problem> problem = Whole.with(pointer, json);
            if (!right.contains(word)) {
                assertEquals("The \"" + last + "\" value must be " + expected(right) + ", but not " + word + ".",
                    problem.orElseThrow(() -> new AssertionError(pointer + " took " + json)).detail());
                assertEquals(pointer, problem.get().path().toString());
            } else {
                // Whatever else is asked of the value, its type is good.
                assertTrue(problem.isEmpty() || !problem.get().detail().contains(", but not "), problem::toString);
            }
        });
    }

    /** The table knows each option of the schema: a new one needs a line. */
    @Test
    void everyOptionIsInTheTable() {
        Set<String> known = new TreeSet<>();
        TABLE.lines().forEach(line -> known.add(ConfPointer.parse(line.split(" +")[0]).segments().getLast()));
        Set<String> missing = new TreeSet<>();
        for (Option option : Schemas.load().current().options()) {
            if (!known.contains(option.name())) {
                missing.add(option.path());
            }
        }
        assertEquals(Set.of(), missing);
    }

    @Test
    void theConfigurationThatIsChangedIsGood() {
        assertEquals(Optional.empty(), Schemas.load().current().validate(Whole.CONF, Whole.FACTS));
    }

    /** The types whose wrong values have texts of their own. */
    private static final String OWN = """
        /routes/main/0 object
            The "routes" array must contain only object values.
        /routes/main/0/match/headers/x text
            The "match" pattern for "headers" must be strings.
        /routes/main/0/match/cookies/x text
            The "match" pattern for "cookies" must be strings.
        /routes/main/0/match/arguments/x text
            The "match" pattern for "arguments" must be a string.
        /routes/main/0/action/response_headers/A null
            The "A" response header value must either be a string or a null
        /access_log/format/a string
            In the access log format, the value must be a string.
        /applications/py/environment/A string
            The "A" environment value must be a string.
        /applications/pt/targets/t object
            The "t" target must be an object.
        /applications/pht/targets/t object
            The "t" target must be an object.
        /applications/php/options/admin/a string
            The "a" PHP option must be a string.
        /applications/php/options/user/a string
            The "a" PHP option must be a string.
        /applications/py/isolation/uidmap/0 object
            The "uidmap" array must contain only object values.
        /applications/py/isolation/gidmap/0 object
            The "gidmap" array must contain only object values.
        /settings/http/compression/compressors/0 object
            The "compressors" array must contain only object values.
        /settings/http/compression/types/0 string
            The "match" pattern for "[null]" must be strings.
        /settings/js_module/0 string
            The "js_module" array must contain only string values.
        /settings/http/static/mime_types/text~1x/0 string
            The "text/x" MIME type array must contain only strings.
        /applications/ex/arguments/0 string
            The "arguments" array must contain only string values.
        /applications/jv/classpath/0 string
            The "classpath" array must contain only string values.
        /applications/jv/options/0 string
            The "options" array must contain only string values.
        /applications/wa/access/filesystem/0 string
            The "filesystem" array must contain only string values.
        /applications/wc/access/filesystem/0 string
            The "filesystem" array must contain only string values.
        /listeners/*:80/forwarded/source/0 string
            The "match" pattern for "address" must be a string.
        /listeners/*:80/client_ip/source/0 string
            The "match" pattern for "address" must be a string.
        """;

    static Stream<Arguments> ownTexts() {
        List<String> lines = OWN.lines().map(String::strip).toList();
        return IntStream.range(0, lines.size() / 2).mapToObj(row -> Arguments.of(lines.get(2 * row).split(" ")[0],
            lines.get(2 * row).split(" ")[1], lines.get(2 * row + 1)));
    }

    @ParameterizedTest
    @MethodSource("ownTexts")
    void someHaveTextsOfTheirOwn(String pointer, String good, String detail) {
        Set<String> right = switch (good) {
            case "object" -> Set.of("an object");
            case "null" -> Set.of("a null", "a string");
            case "text" -> Set.of("a string", "an array");
            default -> Set.of("a string");
        };
        VALUES.entrySet().stream().filter(value -> !right.contains(value.getValue())).forEach(value ->
            Whole.refused(pointer, Schemas.parse(value.getKey()), detail));
    }

    @Test
    void elementsOfOtherArraysToo() {
        for (String option : List.of("host", "method")) {
            for (Conf wrong : List.of(Conf.of(1), Conf.of(true), Schemas.parse("[]"), Schemas.parse("null"))) {
                Problem problem = Whole.with("/routes/main/0/match/" + option,
                    new io.margay.conf.ConfArray(List.of(Conf.of("x"), wrong))).orElseThrow();
                assertEquals("The \"match\" pattern for \"" + option + "\" must be strings.", problem.detail());
                assertEquals("/routes/main/0/match/" + option + "/1", problem.path().toString());
            }
        }
        for (String option : List.of("uri", "query")) {
            Problem problem = Whole.with("/routes/main/0/match/" + option, "[\"x\", 1]").orElseThrow();
            assertEquals("The \"match\" pattern for \"" + option + "\" must be a string.", problem.detail());
        }
        for (String option : List.of("source", "destination")) {
            Problem problem = Whole.with("/routes/main/0/match/" + option, "[\"unix\", {}]").orElseThrow();
            assertEquals("The \"match\" pattern for \"address\" must be a string.", problem.detail());
        }
        assertEquals("The \"share\" array must contain only string values.",
            Whole.with("/routes/main/0/action/share", "[\"a\", 1]").orElseThrow().detail());
        assertEquals("The \"certificate\" array must contain only string values.",
            Whole.with("/listeners/*:80/tls/certificate", "[\"a\", 1]").orElseThrow().detail());
        assertEquals("The \"key\" array must contain only string values.",
            Whole.with("/listeners/*:80/tls/session/tickets", "[true]").orElseThrow().detail());
        assertEquals("The \"path\" array must contain only string values.",
            Whole.with("/applications/py/path", "[\"a\", null]").orElseThrow().detail());
    }
}
