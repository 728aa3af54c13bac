// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.conf.Conf;
import io.margay.conf.ConfEdit;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfWriter;
import java.util.Optional;

/** A good configuration that has every part, and what becomes of it when one value is changed. */
final class Whole {
    /** A server that has all languages, readers, certificates and scripts. */
    static final Facts FACTS = new Facts() {
        @Override
        public ModuleTypes modules() {
            return type -> true;
        }

        @Override
        public int processors() {
            return 4;
        }

        @Override
        public boolean certificate(String name) {
            return !name.startsWith("bad");
        }

        @Override
        public boolean key(String name) {
            return !name.startsWith("trust");
        }

        @Override
        public boolean script(String name) {
            return !name.startsWith("bad");
        }

        @Override
        public Optional<String> scriptProblem(String template) {
            return Optional.of("No such script.");
        }
    };

    static final Conf CONF = Schemas.parse("""
        {
          "settings": {
            "listen_threads": 2,
            "js_module": ["m"],
            "telemetry": {"endpoint": "http://x", "protocol": "http"},
            "http": {
              "static": {"mime_types": {"text/x": [".x"]}}, "error_pages": {"404": {"file": "/f"}},
              "websocket": {"compression": true},
              "compression": {"types": [], "compressors": [{"encoding": "gzip"}]}
            }
          },
          "applications": {
            "py": {
              "type": "python", "module": "m", "limits": {}, "processes": {"max": 3}, "environment": {},
              "isolation": {"namespaces": {}, "uidmap": [{"container": 0, "host": 0, "size": 1}], "gidmap": [],
                "automount": {}, "cgroup": {"path": "g"}}
            },
            "pt": {"type": "python", "targets": {"t": {"module": "m"}}},
            "php": {"type": "php", "root": "/r", "options": {"admin": {}, "user": {}}},
            "phw": {"type": "php", "root": "/r", "worker": "w.php"},
            "pht": {"type": "php", "targets": {"t": {"root": "/r"}}},
            "ex": {"type": "external", "executable": "/x", "arguments": [], "limits": {}},
            "ht": {"type": "http", "executable": "/x"},
            "pl": {"type": "perl", "script": "/x"},
            "rb": {"type": "ruby", "script": "/x"},
            "jv": {"type": "java", "webapp": "/x", "classpath": [], "options": []},
            "wa": {"type": "wasm", "module": "/m", "request_handler": "r", "malloc_handler": "m", "free_handler": "f",
              "access": {"filesystem": []}},
            "wc": {"type": "wasm-wasi-component", "component": "/c", "access": {"filesystem": []}}
          },
          "routes": {
            "main": [
              {
                "match": {"headers": {}, "arguments": {}, "cookies": {}},
                "action": {"share": "/s", "listing": {}, "response_headers": {"A": null}, "fallback": {"return": 200},
                  "access": {"deny": []}, "limit_req": {"rate": 1}, "limit_conn": {"connections": 1},
                  "cors": {"origins": "*"}, "cache_control": {"max_age": 1}, "request_id": {},
                  "security_headers": {"hsts": {}}, "maintenance": {},
                  "auth_basic": {"users": {"u": "h"}}, "auth_jwt": {"keys": {"keys": []}},
                  "auth_request": {"action": {"return": 200}}}
              },
              {"action": {"return": 200, "body": "", "error_pages": {"5xx": {"body": ""}},
                "cache_control": [{"preset": "no_store"}],
                "auth_basic": {"file": "f"}, "auth_jwt": {"keys_file": "f"}}},
              {"action": {"pass": "applications/py", "auth_jwt": {"keys_url": "u", "tls": {"ca": "c"}}}},
              {"action": {"proxy": "http://127.0.0.1:80", "tls": {}, "retry": {}, "request_headers": {"A": null}}},
              {"action": {"health": "ready"}},
              {"action": {"metrics": "prometheus"}}
            ]
          },
          "listeners": {
            "*:80": {
              "pass": "routes/main",
              "forwarded": {"source": [], "client_ip": "X-For"},
              "client_ip": {"source": [], "header": "X-For"},
              "tls": {"certificate": "c", "client": {"ca": "c"}, "conf_commands": {}, "session": {}}
            },
            "*:81": {"application": "py"},
            "*:82": {"pass": "routes/main",
              "tls": {"certificate": {"acme": {"domains": "a", "terms_of_service_agreed": true}}}},
            "*:83": {"pass": "routes/main",
              "tls": {"certificate": ["c", {"acme": {"domains": "a", "terms_of_service_agreed": true}}]}}
          },
          "schedules": {
            "c": {"pass": "routes/main", "cron": "* * * * *", "headers": {}},
            "i": {"pass": "routes/main", "interval": 5}
          },
          "upstreams": {
            "u": {"servers": {"127.0.0.1:80": {}}, "tls": {}, "retry": {}, "health_check": {"status": [200]},
              "request_headers": {}},
            "f": {"servers": {"127.0.0.1:80": {}}, "fastcgi": {"root": "/w", "params": {}}}
          },
          "access_log": {"path": "/log", "format": {"a": "$uri"}, "rotate": {"size": 4096}},
          "acme": {"c": {"domains": "a", "terms_of_service_agreed": true,
            "external_account": {"key_id": "k", "key": "k"}}}
        }
        """);

    private static final Schema SCHEMA = Schemas.load().current();

    private Whole() {
    }

    /** The problem of the configuration with another value at a place, which may be new. */
    static Optional<Problem> with(String pointer, String json) {
        return with(pointer, Schemas.parse(json));
    }

    static Optional<Problem> with(String pointer, Conf value) {
        ConfEdit.Result result = ConfEdit.put(CONF, ConfPointer.parse(pointer).segments(), value);
        assertEquals(ConfEdit.Outcome.DONE, result.outcome(), pointer);
        return SCHEMA.validate(result.root(), FACTS);
    }

    static Optional<Problem> without(String pointer) {
        ConfEdit.Result result = ConfEdit.delete(CONF, ConfPointer.parse(pointer).segments());
        assertEquals(ConfEdit.Outcome.DONE, result.outcome(), pointer);
        return SCHEMA.validate(result.root(), FACTS);
    }

    /** Asserts that a value is refused for a reason, at its place. */
    static void refused(String pointer, Conf value, String detail) {
        Problem problem = with(pointer, value).orElseThrow(() ->
            new AssertionError(pointer + " took " + ConfWriter.compactText(value)));
        assertEquals(detail, problem.detail(), pointer);
        assertEquals(pointer, problem.path().toString(), detail);
    }

    static void accepted(String pointer, Conf value) {
        assertEquals(Optional.empty(), with(pointer, value), () -> pointer + " " + ConfWriter.compactText(value));
    }
}
