// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfPointer;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What numbers, words and texts may be: spec/configuration.md §5 to §12. */
class OptionBoundsTest {

    private static Conf number(String text) {
        return new ConfNumber(text);
    }

    /** The lowest value that is taken, the highest, and the texts for what lies beyond; bear is a limit of our own. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
        /settings/listen_threads                    | 1  | 32         | greater | machine
        /settings/telemetry/batch_size              | 1  | 65536      | batch   | batch
        /settings/telemetry/sampling_ratio          | 0  | 1          | ratio   | ratio
        /settings/http/header_read_timeout          | 0  | 2147483    | sign    | bear
        /settings/http/body_read_timeout            | 0  | 2147483    | sign    | bear
        /settings/http/send_timeout                 | 0  | 2147483    | sign    | bear
        /settings/http/idle_timeout                 | 0  | 2147483    | sign    | bear
        /settings/http/body_min_rate                | 0  | 1073741824 | sign    | bear
        /settings/http/send_min_rate                | 0  | 1073741824 | sign    | bear
        /settings/http/large_header_buffer_size     | 0  | 1048576    | sign    | bear
        /settings/http/large_header_buffers         | 0  | 1000       | sign    | bear
        /settings/http/body_buffer_size             | 0  | 16777216   | sign    | bear
        /settings/http/max_body_size                | 0  | -          | sign    | -
        /settings/http/websocket/max_frame_size     | 0  | 1073741824 | sign    | bear
        /settings/http/websocket/read_timeout       | 0  | 2147483    | sign    | bear
        /settings/http/websocket/keepalive_interval | 0  | 2147483    | sign    | bear
        /settings/http/compression/compressors/0/level      | - | -   | -       | -
        /settings/http/compression/compressors/0/min_length | 0 | -   | sign    | -
        /listeners/*:80/backlog                     | -1 | 2147483647 | greater | exceed
        /listeners/*:80/tls/client/depth            | 0  | 10         | sign    | exceed
        /listeners/*:80/tls/session/cache_size      | 0  | 1000000    | sign    | bear
        /listeners/*:80/tls/session/timeout         | 1  | 2147483    | zero    | bear
        /routes/main/1/action/return                | 0  | 999        | status  | status
        /access_log/rotate/size                     | 4096 | -        | greater | -
        /access_log/rotate/keep                     | 1  | 1000       | greater | exceed
        /schedules/i/interval                       | 1  | 2000000    | greater | bear
        /schedules/i/jitter                         | 0  | 2000000    | sign    | bear
        /schedules/i/timeout                        | 1  | 2000000    | greater | bear
        /routes/main/0/action/limit_req/burst       | 0  | 1000000    | sign    | exceed
        /routes/main/0/action/limit_conn/connections | 1 | 1000000    | greater | exceed
        /routes/main/0/action/max_body_size         | 0  | -          | sign    | -
        /routes/main/0/action/cors/max_age          | 0  | 86400      | sign    | exceed
        /routes/main/0/action/cache_control/max_age | 0  | 315360000  | sign    | exceed
        /routes/main/0/action/security_headers/hsts/max_age | 0 | 315360000 | sign | exceed
        /routes/main/0/action/maintenance/retry_after | 1 | 31536000  | greater | exceed
        /routes/main/0/action/auth_jwt/leeway       | 0  | 600        | sign    | exceed
        /routes/main/0/action/auth_request/timeout  | 1  | 50         | greater | exceed
        /upstreams/u/servers/127.0.0.1:80/weight    | 0  | 1000000    | weight  | million
        /upstreams/u/servers/127.0.0.1:80/max_fails | 0  | 1000000    | sign    | bear
        /upstreams/u/servers/127.0.0.1:80/fail_timeout | 1 | 2000000  | greater | bear
        /upstreams/u/servers/127.0.0.1:80/max_conns | 0  | 1000000    | sign    | bear
        /upstreams/u/servers/127.0.0.1:80/slow_start | 0 | 2000000    | sign    | bear
        /upstreams/u/health_check/interval          | 1  | 2000000    | greater | bear
        /upstreams/u/health_check/timeout           | 1  | 2000000    | greater | bear
        /upstreams/u/health_check/fails             | 1  | 1000000    | greater | bear
        /upstreams/u/health_check/passes            | 1  | 1000000    | greater | bear
        /upstreams/u/health_check/status            | 100 | 599       | greater | exceed
        /upstreams/u/retry/tries                    | 0  | 1000       | sign    | bear
        /upstreams/u/retry/timeout                  | 0  | 2000000    | sign    | bear
        /upstreams/u/connect_timeout                | 1  | 2000000    | greater | bear
        /upstreams/u/send_timeout                   | 1  | 2000000    | greater | bear
        /upstreams/u/response_timeout               | 1  | 2000000    | greater | bear
        /upstreams/u/read_timeout                   | 1  | 2000000    | greater | bear
        /upstreams/u/keepalive_timeout              | 0  | 2000000    | sign    | bear
        /applications/py/limits/timeout             | 0  | 2147483    | sign    | bear
        /applications/py/limits/start_timeout       | 1  | 2147483    | greater | exceed
        /applications/py/limits/stop_timeout        | 1  | 2147483    | greater | exceed
        /applications/py/limits/response_head       | 1024 | 1073741824 | greater | exceed
        /applications/py/limits/requests            | 0  | -          | sign    | -
        /applications/ex/limits/shm                 | 0  | -          | sign    | -
        /applications/py/processes                  | 1  | 10000      | greater | bear
        /applications/py/processes/max              | 1  | 10000      | greater | bear
        /applications/py/processes/spare            | 0  | 3          | sign    | max
        /applications/py/processes/idle_timeout     | 0  | 2147483    | sign    | exceed
        /applications/py/threads                    | 1  | 1000       | greater | bear
        /applications/ht/concurrency                | 1  | 10000      | greater | bear
        /applications/pl/threads                    | 1  | 1000       | greater | bear
        /applications/rb/threads                    | 1  | 1000       | greater | bear
        /applications/jv/threads                    | 1  | 1000       | greater | bear
        /applications/wa/memory                     | 65536 | 1073741824 | greater | bear
        /applications/phw/worker_memory             | 1048576 | 1099511627776 | greater | bear
        /applications/py/isolation/uidmap/0/container | 0 | 4294967295 | sign  | exceed
        /applications/py/isolation/uidmap/0/host    | 0  | 4294967295 | sign    | exceed
        /applications/py/isolation/uidmap/0/size    | 1  | 4294967295 | greater | exceed
        """)
    void numbers(String pointer, Long lowest, Long highest, String below, String above) {
        String name = ConfPointer.parse(pointer).segments().getLast();
        if (lowest != null) {
            Whole.accepted(pointer, Conf.of(lowest));
            Whole.refused(pointer, Conf.of(lowest - 1), text(below, name, lowest));
            Whole.refused(pointer, Conf.of(-100_000), text(below, name, lowest));
        } else {
            Whole.accepted(pointer, Conf.of(-100_000));
        }
        if (highest == null) {
            Whole.accepted(pointer, Conf.of(100_000));
            Whole.accepted(pointer, number("1e15"));
            return;
        }
        Whole.accepted(pointer, Conf.of(highest));
        Problem problem = Whole.with(pointer, Conf.of(highest + 1)).orElseThrow();
        assertEquals(text(above, name, highest), problem.detail());
    }

    private static String text(String kind, String name, long limit) {
        String begin = "The \"" + name + "\" number ";
        return switch (kind) {
            case "sign" -> begin + "must not be negative.";
            case "greater" -> begin + "must be equal to or greater than " + limit + ".";
            case "zero" -> begin + "must be greater than zero.";
            case "exceed" -> begin + "must not exceed " + limit + ".";
            case "bear" -> begin + "is more than this server can bear: it must not exceed " + limit + ".";
            case "machine" -> begin + "must not exceed 32 on this machine, 8 for each of its processors.";
            case "max" -> "The \"spare\" number must be less than or equal to \"max\".";
            case "batch" -> limit == 1 ? "The \"batch_size\" must be greater than 0."
                : "The \"batch_size\" must not exceed 65536.";
            case "ratio" -> "The \"sampling_ratio\" must be between 0 and 1.";
            case "status" -> "The \"return\" value is out of allowed HTTP status code range 0-999.";
            case "weight" -> begin + "must be positive.";
            case "million" -> begin + "must not exceed 1,000,000";
            default -> throw new IllegalArgumentException(kind);
        };
    }

    /** A few requests a minute are what passwords are guarded by. */
    @Test
    void ratesMayBeFractions() {
        String rate = "/routes/main/0/action/limit_req/rate";
        for (String text : List.of("0.001", "0.1", "1", "1000000")) {
            Whole.accepted(rate, number(text));
        }
        for (String text : List.of("0", "0.0009", "-1")) {
            Whole.refused(rate, number(text), "The \"rate\" number must be equal to or greater than 0.001.");
        }
        Whole.refused(rate, number("1000001"), "The \"rate\" number must not exceed 1000000.");
    }

    @Test
    void elementsAreNumbersOfTheirArray() {
        String first = "/upstreams/u/health_check/status/0";
        Whole.accepted(first, Conf.of(100));
        Whole.accepted(first, Conf.of(599));
        Whole.refused(first, Conf.of(99), "The \"status\" number must be equal to or greater than 100.");
        Whole.refused(first, Conf.of(600), "The \"status\" number must not exceed 599.");
    }

    /** Beyond the limit that Unit names, its text and not ours is given. */
    @ParameterizedTest
    @ValueSource(strings = {"/settings/listen_threads", "/applications/py/processes", "/applications/py/processes/max",
        "/applications/py/processes/spare", "/applications/py/threads", "/applications/rb/threads"})
    void theLimitOfUnitComesFirst(String pointer) {
        String name = ConfPointer.parse(pointer).segments().getLast();
        Whole.refused(pointer, Conf.of(2_147_483_648L), "The \"" + name + "\" number must not exceed 2147483647.");
    }

    /** Integers may be written in any way that has no fraction. */
    @ParameterizedTest
    @CsvSource({"2.0, true", "2e0, true", "20e-1, true", "0.2e1, true", "2.5, false", "25e-1, false", "2e-1, false"})
    void integersAreToldByValue(String text, boolean good) {
        Optional<Problem> problem = Whole.with("/settings/listen_threads", number(text));
        assertEquals(good, problem.isEmpty());
        assertTrue(good || problem.get().detail().endsWith("must be an integer number, but not a fractional number."));
    }

    /** 100,000 for each number of the schema is taken or refused by name; nothing falls over. */
    @Test
    void aLargeNumberAnywhereIsTakenOrRefusedByName() {
        Set<String> seen = new TreeSet<>();
        for (String pointer : List.of("/settings/listen_threads", "/settings/http/large_header_buffers",
            "/applications/py/processes", "/applications/py/threads", "/listeners/*:80/backlog")) {
            for (String value : List.of("100000", "1e5", "2147483648", "9223372036854775807", "-9223372036854775808")) {
                Whole.with(pointer, number(value)).ifPresent(problem -> {
                    assertTrue(problem.detail().startsWith("The \"" + ConfPointer.parse(pointer).segments().getLast()
                        + "\" number "), problem::toString);
                    seen.add(pointer);
                });
            }
        }
        assertEquals(5, seen.size());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        /applications/py/thread_stack_size | 16384      | -
        /applications/py/thread_stack_size | 20480      | -
        /applications/py/thread_stack_size | 1073741824 | -
        /applications/py/thread_stack_size | 16383      | greater
        /applications/py/thread_stack_size | 0          | greater
        /applications/py/thread_stack_size | 16385      | multiple
        /applications/py/thread_stack_size | 18432      | multiple
        /applications/py/thread_stack_size | 1073745920 | bear
        /applications/pl/thread_stack_size | 65536      | -
        /applications/pl/thread_stack_size | 65537      | multiple
        /applications/jv/thread_stack_size | 65536      | -
        /applications/jv/thread_stack_size | 1          | greater
        """)
    void stackSizes(String pointer, String value, String problem) {
        String begin = "The \"thread_stack_size\" number ";
        switch (problem) {
            case "greater" -> Whole.refused(pointer, number(value), begin + "must be equal to or greater than 16384.");
            case "multiple" -> Whole.refused(pointer, number(value),
                begin + "must be a multiple of the system page size (4096).");
            case "bear" -> Whole.refused(pointer, number(value),
                begin + "is more than this server can bear: it must not exceed 1073741824.");
            default -> Whole.accepted(pointer, number(value));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        /routes/main/0/match/scheme         | http,https,HTTP,Https | ftp,http:,httpx | scheme
        /applications/py/protocol           | wsgi,asgi             | WSGI,http,uwsgi | wsgi
        /settings/telemetry/protocol        | http,HTTP,grpc,GRPC   | Http,Grpc,otlp  | grpc
        /settings/http/compression/compressors/0/encoding | gzip,deflate,br,zstd,identity | lzma,GZIP,x | coding
        """)
    void words(String pointer, String good, String bad, String text) {
        String detail = switch (text) {
            case "scheme" -> "The \"scheme\" can either be \"http\" or \"https\".";
            case "wsgi" -> "The \"protocol\" can either be \"wsgi\" or \"asgi\".";
            case "grpc" -> "The \"protocol\" must be \"http\" or \"grpc\".";
            default -> "\"%s\" is not a supported compressor.";
        };
        for (String word : good.split(",")) {
            Whole.accepted(pointer, Conf.of(word));
        }
        for (String word : (bad + ",").split(",")) {
            Whole.refused(pointer, Conf.of(word), detail.replace("%s", word));
        }
        Whole.refused(pointer, Conf.of(""), detail.replace("%s", ""));
    }

    /** Paths and names that would be empty or be cut at a NUL. */
    @ParameterizedTest
    @ValueSource(strings = {"/settings/http/body_temp_path", "/applications/py/user", "/applications/py/group",
        "/applications/py/working_directory", "/applications/py/stdout", "/applications/py/stderr",
        "/applications/py/module", "/applications/py/callable", "/applications/py/home", "/applications/py/path",
        "/applications/pt/targets/t/module", "/applications/pt/targets/t/callable", "/applications/php/root",
        "/applications/php/script", "/applications/php/index", "/applications/php/options/file",
        "/applications/phw/worker",
        "/applications/pht/targets/t/root", "/applications/pht/targets/t/script", "/applications/pht/targets/t/index",
        "/applications/ex/executable", "/applications/pl/script", "/applications/rb/script", "/applications/rb/hooks",
        "/applications/jv/webapp", "/applications/jv/unit_jars", "/applications/wa/module",
        "/applications/wa/request_handler", "/applications/wa/malloc_handler", "/applications/wa/free_handler",
        "/applications/wa/module_init_handler", "/applications/wa/module_end_handler",
        "/applications/wa/request_init_handler", "/applications/wa/request_end_handler",
        "/applications/wa/response_end_handler", "/applications/wc/component", "/listeners/*:80/tls/certificate",
        "/settings/js_module"})
    void textsAreNotEmptyAndHaveNoNul(String pointer) {
        String name = ConfPointer.parse(pointer).segments().getLast();
        Whole.refused(pointer, Conf.of(""), "The \"" + name + "\" value must not be empty.");
        Whole.refused(pointer, Conf.of("a\0b"), "The \"" + name + "\" value must not contain null character.");
        Whole.accepted(pointer, Conf.of("a b"));
        Whole.accepted(pointer, Conf.of("\u00e9\udcff"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        /applications/py/path/0              | path
        /listeners/*:80/tls/certificate/0    | certificate
        /settings/js_module/0                | js_module
        """)
    void elementsAreTestedLikeTheOneText(String pointer, String name) {
        String array = pointer.substring(0, pointer.length() - 2);
        assertEquals("The \"" + name + "\" value must not be empty.", Whole.with(array, "[\"a\", \"\"]").orElseThrow()
            .detail());
        Problem nul = Whole.with(array, "[\"a\\u0000\"]").orElseThrow();
        assertEquals("The \"" + name + "\" value must not contain null character.", nul.detail());
        assertEquals(pointer, nul.path().toString());
        assertEquals(Optional.empty(), Whole.with(array, "[\"a\", \"b\"]"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        /applications/ex/arguments           | arguments
        /applications/jv/classpath           | classpath
        /applications/jv/options             | options
        /applications/wa/access/filesystem   | filesystem
        /applications/wc/access/filesystem   | filesystem
        """)
    void listsOfTextsHaveNoNul(String pointer, String name) {
        Problem problem = Whole.with(pointer, "[\"\", \"x\", \"a\\u0000\"]").orElseThrow();
        assertEquals("The \"" + name + "\" array must not contain strings with null character.", problem.detail());
        assertEquals(pointer + "/2", problem.path().toString());
        assertEquals(Optional.empty(), Whole.with(pointer, "[\"\", \"x\"]"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        /routes/main/0/action/share          | The "share" array must contain at least one element.
        /listeners/*:80/tls/certificate      | The "certificate" array must contain at least one element.
        """)
    void someArraysAreNotEmpty(String pointer, String detail) {
        Whole.refused(pointer, Schemas.parse("[]"), detail);
    }

    @Test
    void targetsAreNotEmptyAndNotTooMany() {
        for (String app : List.of("pt", "pht")) {
            String member = app.equals("pt") ? "module" : "root";
            Whole.refused("/applications/" + app + "/targets", Schemas.parse("{}"),
                "The \"targets\" object must contain at least one member.");
            StringBuilder many = new StringBuilder();
            for (int i = 0; i < 254; i++) {
                many.append("\"t").append(i).append("\": {\"").append(member).append("\": \"m\"},");
            }
            Whole.accepted("/applications/" + app + "/targets", Schemas.parse("{" + many + "}"));
            Whole.refused("/applications/" + app + "/targets",
                Schemas.parse("{" + many + "\"more\": {\"" + member + "\": \"m\"}}"),
                "The \"targets\" object must not contain more than 254 members.");
            assertEquals("The target name must not be empty.", Whole.with("/applications/" + app + "/targets",
                "{\"\": {\"" + member + "\": \"m\"}}").orElseThrow().detail());
        }
    }

    /** Each number of the schema files stands in the table of this class, or in another test of this package. */
    @Test
    void everyNumberIsTested() {
        Set<String> tested = new HashSet<>(List.of("listen_threads", "batch_size", "sampling_ratio",
            "header_read_timeout", "body_read_timeout", "send_timeout", "idle_timeout", "large_header_buffer_size",
            "large_header_buffers", "body_buffer_size", "max_body_size", "max_response_header_size", "max_frame_size",
            "read_timeout", "keepalive_interval", "level", "min_length", "backlog", "cache_size", "timeout", "return",
            "connect_timeout", "response_timeout", "interval", "jitter",
            "keepalive_timeout", "weight", "start_timeout", "stop_timeout", "response_head",
            "requests", "shm", "processes", "max", "spare",
            "threads", "thread_stack_size", "container", "host", "size", "concurrency", "worker_memory",
            "memory", "rate", "burst", "connections", "body_min_rate", "send_min_rate", "max_fails", "fail_timeout",
            "depth", "max_conns", "slow_start", "fails", "passes", "status", "elements", "tries", "max_age",
            "retry_after", "leeway", "values", "keep"));
        Set<String> found = new TreeSet<>();
        numbers(Schemas.load().current().types(), "", found);
        found.removeAll(tested);
        assertEquals(Set.of(), found);
    }

    private static void numbers(Conf rule, String name, Set<String> found) {
        if (rule instanceof io.margay.conf.ConfObject object) {
            List<String> kinds = object.get("type").filter(type -> !(type instanceof io.margay.conf.ConfObject))
                .map(ValueRules::strings).orElse(List.of());
            if (kinds.contains("integer") || kinds.contains("number")) {
                found.add(name);
            }
            object.members().forEach((member, value) -> numbers(value, member, found));
        }
    }
}
