// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.regex.PatternSyntaxException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Expressions of PCRE as pcre2pattern(3) describes them. */
class ConfRegexTest {

    private static boolean matches(String regex, String text) {
        return ConfRegex.compile(regex).matcher(text).matches();
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
        [[:^digit:]]+     ; ab        ; a1
        [[:digit:][:space:]]+ ; 1 2   ; 1a
        [[:alpha:]]+      ; ab        ; [:
        [[:blank:][:cntrl:]] ; `\t`   ; a
        [[:<:]]a[[:>:]]   ; a         ; ab
        (?<n_1>a)(?P=n_1) ; aa        ; ab
        (?'n'a|b)\\k'n'   ; bb        ; ba
        (?<n>a|b)\\k{n}   ; bb        ; ba
        (?<n>a|b)\\g{n}   ; bb        ; ba
        (a|b)\\g1         ; bb        ; ba
        (a|b)\\g{1}1      ; bb1       ; bb
        (a|b)(c)\\g{-2}   ; bcb       ; bcc
        (a|b)\\1          ; aa        ; ab
        (a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\\10 ; abcdefghijj ; abcdefghija0
        (?:(a)|b)*\\1     ; aba       ; ab
        a{                ; a{        ; a
        a{,2}             ; a{,2}     ; aa
        a{x}              ; a{x}      ; a
        a{2,}b            ; aab       ; ab
        [a[b]+            ; [ab       ; c
        []a]+             ; ]a        ; b
        [^]a]             ; b         ; ]
        [a&&b]+           ; a&b       ; c
        [a-]+             ; -a        ; b
        [-a]+             ; -a        ; b
        [a-\\d]+          ; a-1       ; b
        [\\d-z]+          ; 1-z       ; y
        [a-c-e]+          ; b-e       ; d
        [#a b]+           ; `# ab`    ; c
        [\\b]             ; `\b`      ; b
        [\\]\\-\\\\]+     ; ]-\\      ; a
        [\\Qa]-\\E]+      ; a]-       ; b
        [\\x41-\\x{43}\\104\\o{105}]+ ; ABCDE ; F
        (?#a(comment)b    ; b         ; a
        (?x) a b # c [    ; ab        ; a b
        (?x)a\\ b         ; a b       ; ab
        (?x:a b)c d       ; abc d     ; abcd
        (?:(?x)a b)c d    ; abc d     ; abcd
        (?x)a(?-x: b)     ; a b       ; ab
        (?x)[a b]         ; ` `       ; c
        (?i)a(?-i)b       ; Ab        ; AB
        (?i:A)b           ; ab        ; aB
        (?^i)a            ; A         ; b
        (?U)a+            ; aa        ; b
        (?J)a             ; a         ; b
        a\\Nb             ; axb       ; `a\nb`
        a.b               ; `a\rb`    ; `a\nb`
        \\x61\\x{62}\\x63 ; abc       ; x61
        \\o{141}\\142     ; ab        ; 141
        \\0a              ; `\0a`     ; 0a
        \\cA\\ca          ; `\1\1`    ; AA
        \\e\\a            ; `\33\7`   ; ea
        a\\Kb             ; ab        ; b
        (?|(a)|(b))c      ; bc        ; c
        \\Qa.b\\E+        ; a.bb      ; axb
        \\Qa.b            ; a.b       ; axb
        \\Ea\\E           ; a         ; b
        a]}               ; a]}       ; a
        (a++|b)(?>c+)d    ; aacd      ; accc
        (?<!x)a(?=b)b     ; ab        ; a
        \\_\\-\\/\\<      ; _-/<      ; a
        \\pL\\p{Lu}\\P{L}\\p{^Nd} ; aB1x ; aB11
        \\p{Any}          ; a         ; ab
        (*LF)(*NO_JIT)a   ; a         ; b
        \\R\\C          ; `\n\n`    ; `\r\n`
        (?i)\\P{Lu}1      ; a1        ; A1
        (?i:\\p{Ll})      ; a         ; A
        a{2}+             ; aa        ; aaa
        a\\Q\\E*           ; aa        ; ab
        a(?#c)*           ; aa        ; ab
        (?x)a *           ; aa        ; ab
        """)
    void expressionsOfPcre(String regex, String yes, String no) {
        assertTrue(matches(regex, yes), ConfRegex.forJava(regex));
        assertFalse(matches(regex, no), ConfRegex.forJava(regex));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
        (                 ; 1  ; Unclosed group
        ab)               ; 1  ; Unmatched closing ')'
        a(?<n             ; 5  ; named group is missing its trailing >
        [ab               ; 2  ; Unclosed character class
        []                ; 1  ; Unclosed character class
        a[b-a]            ; 3  ; range out of order in character class
        x[[:foo:]]        ; 2  ; unknown POSIX class name
        x[[.a.]]          ; 2  ; POSIX collating elements are not supported
        x[:alpha:]        ; 1  ; POSIX named classes are supported only within a class
        ab\\              ; 3  ; \\ at end of pattern
        a\\y              ; 2  ; unrecognized character follows \\
        a{70000}          ; 1  ; number too big in {} quantifier
        (?<n>a)(?<n>b)    ; 10 ; two named subpatterns have the same name
        (?<1>a)           ; 3  ; subpattern name expected
        a\\1              ; 1  ; reference to non-existent subpattern
        a\\g{-1}          ; 1  ; reference to non-existent subpattern
        a\\k<n>           ; 1  ; reference to non-existent subpattern
        (?z)              ; 2  ; unrecognized character after (? or (?-
        (?                ; 2  ; Unclosed group
        a(?R)             ; 1  ; recursion is not supported
        (a)(?1)           ; 3  ; recursion is not supported
        (a)(?-1)          ; 3  ; recursion is not supported
        (?P>n)            ; 3  ; recursion is not supported
        (a)\\g<1>         ; 3  ; recursion is not supported
        (a)(?(1)b)        ; 3  ; conditions are not supported
        a(?C1)            ; 1  ; callouts are not supported
        (*UTF8)a          ; 0  ; verbs are not supported
        (*CRLF).          ; 0  ; verbs are not supported
        (*NOTEMPTY)a      ; 0  ; verbs are not supported
        {2}a              ; 0  ; quantifier does not follow a repeatable item
        a|{2,}            ; 2  ; quantifier does not follow a repeatable item
        ({1}a)            ; 1  ; quantifier does not follow a repeatable item
        a{2}{3}           ; 4  ; quantifier does not follow a repeatable item
        a+?+              ; 3  ; quantifier does not follow a repeatable item
        a(?J)*            ; 5  ; quantifier does not follow a repeatable item
        \\b+               ; 2  ; quantifier does not follow a repeatable item
        (?x)a + +         ; 8  ; quantifier does not follow a repeatable item
        (?xx)[a b]        ; 2  ; blanks in classes cannot be left out
        (?n)(a)\\1         ; 2  ; groups without numbers are not supported
        a(*FAIL)          ; 1  ; verbs are not supported
        (?|(a)|(b))\\1    ; 0  ; references are not supported where groups share a number
        \\x{100}          ; 0  ; character code point value in escape is too large
        \\x{zz}           ; 3  ; non-digit character in \\x{} or \\o{}
        \\o1              ; 0  ; missing opening brace after \\o
        \\p{Nope}         ; 0  ; unknown property name after \\P or \\p
        (?#a              ; 4  ; missing ) after (?# comment
        """)
    void whatIsRefused(String regex, int offset, String why) {
        PatternSyntaxException e = assertThrows(PatternSyntaxException.class, () -> ConfRegex.compile(regex));
        assertEquals(why + " " + offset, e.getDescription() + " " + e.getIndex());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00e4", "[\u00e4]+", "^..$"})
    void itLooksAtBytes(String regex) {
        assertTrue(matches(regex, "\u00c3\u00a4"), ConfRegex.compile(regex)::pattern);
    }

    /** Whatever an expression is, it is compiled or refused with a place in it, and that in linear time. */
    @Test
    void noExpressionDoesHarm() {
        String[] tokens = {"(", ")", "[", "]", "{", "}", "\\", "?", "*", "+", "|", "^", "$", ".", "-", ":", "a", "b",
            "1", "2", "x", "Q", "E", "<", ">", "'", "P", "=", "!", "#", " ", "&&", "[:alpha:]", "(?", "\\g", "\\k",
            ","};
        Random random = new Random(5);
        for (int i = 0; i < 50_000; i++) {
            StringBuilder regex = new StringBuilder();
            for (int n = random.nextInt(12); n >= 0; n--) {
                regex.append(tokens[random.nextInt(tokens.length)]);
            }
            try {
                ConfRegex.compile(regex.toString());
            } catch (PatternSyntaxException e) {
                assertTrue(e.getIndex() >= 0 && e.getIndex() <= regex.length(), regex + ": " + e.getMessage());
            }
        }
    }
}
