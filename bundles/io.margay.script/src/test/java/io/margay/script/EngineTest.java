// SPDX-License-Identifier: Apache-2.0
package io.margay.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.script.internal.RhinoEngine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What scripts see, and what they may not do. */
class EngineTest {
    private final ScriptEngine engine = new RhinoEngine();
    private final ScriptRealm realm = engine.realm();
    private final Map<String, CompiledScript> modules = new HashMap<>();

    /** A request like any other. */
    private static final class Sample implements ScriptRequest {
        @Override
        public String uri() {
            return "/blog/\u00e9";
        }

        @Override
        public String host() {
            return "h.example";
        }

        @Override
        public String remoteAddr() {
            return "1.2.3.4";
        }

        @Override
        public void args(BiConsumer<String, String> visitor) {
            visitor.accept("a", "1");
            visitor.accept("b", "2");
            visitor.accept("a", "3");
            visitor.accept("7", "seven");
            visitor.accept("__proto__", "p");
        }

        @Override
        public void headers(BiConsumer<String, String> visitor) {
            visitor.accept("Accept", "x");
            visitor.accept("X-Y", "first");
            visitor.accept("X-Y", "second");
        }

        @Override
        public void cookies(BiConsumer<String, String> visitor) {
            visitor.accept("id", "c1");
        }

        @Override
        public Optional<String> variable(String name) {
            return Optional.ofNullable(Map.of("method", "GET", "none", "").get(name));
        }
    }

    private String run(String text) {
        return realm.run(engine.template(text), modules, new Sample());
    }

    private String failure(String text) {
        CompiledScript template = engine.template(text);
        return assertThrows(ScriptException.class, () -> realm.run(template, modules, new Sample())).getMessage();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        `plain`                                                     | plain
        `${uri} ${host} ${remoteAddr}`                              | /blog/é h.example 1.2.3.4
        `${uri.split('/')[1]}`                                      | blog
        `${args.a} ${args.b} ${args.c} ${args[7]}`                  | 1,3 2 undefined seven
        `${Object.keys(args).sort()}`                               | 7,__proto__,a,b
        `${Object.keys(headers)} ${headers['X-Y']} ${headers.accept}` | Accept,X-Y first undefined
        `${JSON.stringify(headers)}`                                | {"Accept":"x","X-Y":"first"}
        `${cookies.id}${cookies.no}`                                | c1undefined
        `${vars.method};${vars.none};${vars.nothing}`               | GET;;undefined
        `${'method' in vars} ${'nothing' in vars}`                  | true false
        `a` + 1                                                     | a1
        `${undefined}`                                              | undefined
        `${[3, 1, 2].sort().map(x => x * 2)}`                       | 2,4,6
        `${(() => { for (const x of [1, 2]) { if (x > 1) return x } })()}` | 2
        `${[...'abc'].includes('b')} ${'x'.padStart(3, '-')}`       | true --x
        `${[1, 2].join('-')} ${Math.max.apply(null, [1, 5])}`       | 1-2 5
        `${'a-b-c'.replaceAll('-', '+')} ${'ab'.repeat(2)}`         | a+b+c abab
        `${/(?<year>[0-9]+)/.exec('in 1999').groups.year}`          | 1999
        `${encodeURIComponent('a b')}`                              | a%20b
        `${(() => { let o = {}; o.toString = () => 'own'; o.constructor = 1; return o })()}` | own
        `${Reflect.apply(Math.max, null, [1, 5])} ${(function() { return this.x }).apply({x: 4})}` | 5 4
        """)
    void values(String text, String expected) {
        assertEquals(expected, run(text));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        `${                 | "SyntaxError: Unexpected end of input in default:1"
        `a                  | "SyntaxError: Unexpected end of input in default:1"
        `${uri              | "SyntaxError: Unexpected end of input in default:1"
        `a`}); (function(){ | "SyntaxError: Unexpected token "}" in default:1"
        `${1n ** 99999999n}`| "SyntaxError: BigInt is not supported in default:1"
        `a` b               | "SyntaxError: Unexpected token "b" in default:1"
        """, quoteCharacter = '\'')
    void syntax(String text, String expected) {
        assertEquals(Optional.of(expected), TemplateSyntax.problem(text));
        assertEquals(expected, assertThrows(ScriptException.class, () -> engine.template(text)).getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        `${Function('return 1')()}`             | Code generation from strings is not allowed
        `${(() => 1).constructor('return 1')()}` | Code generation from strings is not allowed
        `${(function*() {}).constructor('yield 1')()}` | not
        `${new Function('return 1')}`           | Function
        `${none}`                               | "none" is not defined
        `${null.x}`                             | Cannot read property "x" from null
        `${(() => { throw 'mine' })()}`         | mine
        `${(() => { throw new Error('e') })()}` | Error: e
        `${(() => { throw {toString() { throw 1 }} })()}` | a value without a text
        """)
    void whatIsThrown(String text, String reason) {
        String told = failure(text);
        assertTrue(told.contains(reason), told);
    }

    @ParameterizedTest
    @ValueSource(strings = {"for (;;);", "try { for (;;); } catch (e) { return 1 }",
        "try { for (;;); } finally { for (;;); }",
        "const f = () => f() + f(); try { f() } catch (e) { for (;;); }",
        "return ('a'.repeat(60) + 'X').match(/^(a+)+$/)",
        "let a = []; for (;;) a.push('x'.repeat(9999))", "let s = 'x'; for (;;) s = (s + s).slice(1) + 'y'",
        "for (const x of (function*() { for (;;) yield 1 })());"})
    void whatNeverEnds(String body) {
        String told = failure("`${(() => {" + body + "})()}`");
        assertTrue(told.startsWith("the script takes more than ") || told.contains("string"), told);
        // The next one finds everything as it was.
        assertEquals("ok", run("`ok`"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"'x'.repeat(1e9)", "'x'.padEnd(1e9)", "Array(1e9).join('x')", "Array(4e9).fill(0)",
        "[...Array(4e9)]", "String(Array(1e9))", "Math.max.apply(null, {length: 1e9})", "Array.from({length: 1e12})",
        "'x'.repeat(9999).replaceAll('x', 'y'.repeat(9999))", "Array(9999).fill('x'.repeat(9999)).join()"})
    void whatIsTooLarge(String expression) {
        assertTrue(failure("`${" + expression + "}`").startsWith("RangeError: "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"typeof eval", "typeof java", "typeof Packages", "typeof getClass",
        "typeof importClass", "typeof Uint8Array", "typeof BigInt", "typeof load", "typeof JavaAdapter",
        "''.getClass", "uri.class", "vars.getClass",
        "(() => { try { null.x } catch (e) { return e.javaException || e.rhinoException } })()"})
    void whatIsNotThere(String expression) {
        assertEquals("undefined", run("`${" + expression + "}`"), expression);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Array.prototype.own = 1", "Object.prototype.own = 1", "Math.own = 1", "Object.own = 1",
        "String.prototype.trim = 1", "JSON.stringify = 1", "vars.method = 1"})
    void whatCannotBeChanged(String statement) {
        failure("`${(() => {" + statement + "})()}`");
        assertEquals("undefined", run("`${[].own || ({}).own || Math.own || Object.own}`"));
    }

    @Test
    void modulesHaveTheirNames() {
        modules.put("m", engine.module("m", "let n = 0;\nexport default {count: () => ++n, up: s => s.toUpperCase()}"));
        modules.put("f", engine.module("f", "export default function twice(x) { return x + x }"));
        modules.put("l", engine.module("l", "const value = 5; export {value as default}"));
        modules.put("bad", engine.module("bad", "throw 'never'; export default 1"));
        assertEquals("A 44 5", run("`${m.up('a')} ${f('4')} ${l}`"));
        assertEquals("1 2", run("`${m.count()} ${m.count()}`"));
        assertEquals("1", run("`${m.count()}`"), "each run has a module of its own");
        assertEquals("never", failure("`${bad}`"));
        assertThrows(ScriptException.class, () -> engine.module("x", "let a = 1"));
    }

    @Test
    void runsOnSeveralThreads() throws Exception {
        modules.put("m", engine.module("m", "export default {part: s => s.split('/')[1].replace(/b/, 'B')}"));
        CompiledScript template = engine.template("`${m.part(uri)} ${[1, 2, 3].map(x => x * x)}`");
        try (var threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                all.add(threads.submit(() -> {
                    ScriptRealm own = engine.realm();
                    for (int n = 0; n < 500; n++) {
                        assertEquals("Blog 1,4,9", own.run(template, modules, new Sample()));
                    }
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
    }
}
