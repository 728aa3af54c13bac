// SPDX-License-Identifier: Apache-2.0
package io.margay.script;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModuleSyntaxTest {

    @ParameterizedTest
    @ValueSource(strings = {
        "export default {a: function() { return 1; }}",
        "var x = `a${1}`; export default {x}",
        "const f = (a, b = 1) => a ** b; function g(a, ...c) { return c }\nexport\ndefault /* all */ f;",
        "let x = 1; export {x as default};",
        "export { f as default , }\nfunction f() { return 1 }",
        "export default function () { return 1 }",
        "export default function f(r) { return r } var after = f(1);",
        "// export default 1\n/* export */ const r = /export default/; 'export default'; export default r",
        "for (const a of [1]) { a } for (const k in {}) { k }\nexport default 0",
        "export default {a({b, c = 1}, ...d) { return b?.c ?? d }, get q() { return 1 }, [r()]: 2, default: 3}",
        "function* g() { yield 1 } export default g",
        "export default {hello(headers) { return headers['User-Agent'] || `none` }};\n",
    })
    void modules(String source) {
        assertEquals(Optional.empty(), ModuleSyntax.problem("m", source));
    }

    /** Source, then the problem without its beginning. */
    @Test
    void faults() {
        String[][] table = {
            {"", "Export statement is required in m:1"},
            {"var a = 1;\n\n", "Export statement is required in m:3"},
            {"export default }", "Unexpected token \"}\" in m:1"},
            {"var a = 1;\nexport default {a: 1} }", "Unexpected token \"}\" in m:2"},
            {"if (", "Unexpected end of input in m:1"},
            {"'abc", "Unterminated string literal in m:1"},
            {"x = 'export'\nfoo bar", "Unexpected token \"bar\" in m:2"},
            {"export default 1;\nexport default 2", "Only one default export is allowed in m:2"},
            {"function f() {\n export default 1\n}", "Illegal export statement in m:2"},
            {"{ export default 1 }", "Illegal export statement in m:1"},
            {"export const x = 1", "Only a default export is allowed in m:1"},
            {"export default 1; export {x}", "Only one default export is allowed in m:1"},
            {"import a from 'b'; export default a", "Unexpected token \"import\" in m:1"},
            {"var export = 1", "Unexpected token \"export\" in m:1"},
            {"let a; let a; export default a", "Redeclaration of variable a. in m:1"},
            {"export default 1;\n\n\n)", "Unexpected token \")\" in m:4"},
            {"\0", "Illegal character: \0 in m:1"},
        };
        StringBuilder expected = new StringBuilder();
        StringBuilder actual = new StringBuilder();
        for (String[] row : table) {
            expected.append("SyntaxError: ").append(row[1]).append('\n');
            actual.append(ModuleSyntax.problem("m", row[0]).orElse("none")).append('\n');
        }
        assertEquals(expected.toString(), actual.toString());
    }

    @Test
    void deepNestingIsTold() {
        assertEquals(Optional.of("SyntaxError: Too deeply nested in m:1"),
            ModuleSyntax.problem("m", "export default " + "[".repeat(200_000)));
    }
}
