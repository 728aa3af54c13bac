// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfString;
import io.margay.http.PeerAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Conditions on fields, arguments, cookies and addresses: spec/routing.md §4.2 and §4.3. Fields end at {@code ~}. */
class NamedMatchTest {

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
        # one name; names and values without case
        {'A': 'b'}                ; A: b                 ; true
        {'a': 'b'}                ; A: b                 ; true
        {'A': 'B'}                ; a: b                 ; true
        {'A': 'b'}                ; A: c                 ; false
        {'A': 'b'}                ; A: bc                ; false
        {'A': 'b*'}               ; A: BC                ; true
        {'A': '*c'}               ; A: bC                ; true
        {'A': '*'}                ; A:                   ; true
        {'A': ''}                 ; A:                   ; true
        {'A': ''}                 ; A: b                 ; false
        {'A': '!'}                ; A: b                 ; true
        {'A': '!'}                ; A:                   ; false
        {'A': '!b'}               ; A: c                 ; true
        {'A': '!b'}               ; A: B                 ; false
        {'A': 'b c'}              ; A:  b c              ; true
        {'A': '%62'}              ; A: b                 ; false
        {'A-B': 'c'}              ; A_B: c               ; false
        # expressions keep their case
        {'A': '~^b'}              ; A: bc                ; true
        {'A': '~^B'}              ; A: bc                ; false
        {'A': '!~b'}              ; A: c                 ; true
        # a name that is absent never matches
        {'A': 'b'}                ;                      ; false
        {'A': '*'}                ; B: c                 ; false
        {'A': ''}                 ; B: c                 ; false
        {'A': '!b'}               ; B: c                 ; false
        {'A': '!'}                ; B: c                 ; false
        {'A': []}                 ; B: c                 ; false
        # each occurrence must match
        {'A': 'b'}                ; A: b~A: b            ; true
        {'A': 'b'}                ; A: b~A: c            ; false
        {'A': 'b'}                ; A: c~a: b            ; false
        {'A': '!c'}               ; A: b~A: c            ; false
        {'A': ['b', 'c']}         ; A: b~A: c            ; true
        {'A': '*'}                ; A: b~B: x~a: c       ; true
        # arrays of patterns
        {'A': []}                 ; A: b                 ; true
        {'A': ['b', 'c']}         ; A: c                 ; true
        {'A': ['b', 'c']}         ; A: d                 ; false
        {'A': ['!b', '!c']}       ; A: d                 ; true
        {'A': ['*', '!c']}        ; A: c                 ; false
        # an object needs all, an array of objects any
        {}                        ;                      ; true
        []                        ;                      ; true
        [{}]                      ;                      ; true
        {'A': 'b', 'C': 'd'}      ; A: b~C: d            ; true
        {'A': 'b', 'C': 'd'}      ; A: b                 ; false
        {'A': 'b', 'C': 'd'}      ; A: b~C: x            ; false
        [{'A': 'b'}, {'C': 'd'}]  ; C: d                 ; true
        [{'A': 'b'}, {'C': 'd'}]  ; A: b~C: x            ; true
        [{'A': 'b'}, {'C': 'd'}]  ; A: x~C: x            ; false
        [{'A': 'b', 'C': 'd'}, {'E': 'f'}] ; A: b~E: f   ; true
        [{'A': 'b', 'C': 'd'}, {'E': 'f'}] ; A: b        ; false
        [{'A': 'x'}, {}]          ;                      ; true
        # fields that the server knows are fields too
        {'Host': 'a:80'}          ; Host: A:80           ; true
        {'host': 'a'}             ; Host: a:80           ; false
        {'User-Agent': '*moz*'}   ; User-Agent: Mozilla  ; true
        {'Cookie': 'a=b'}         ; Cookie: a=b          ; true
        """)
    void headers(String value, String fields, boolean taken) {
        assertEquals(taken, PatternTableTest.taken("'headers': " + value, "GET", "/", fields));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
        # names and values with case
        {'a': 'b'}               ; a=b                  ; true
        {'a': 'b'}               ; A=b                  ; false
        {'a': 'b'}               ; a=B                  ; false
        {'a': 'b'}               ; a=bc                 ; false
        {'a': 'b*'}              ; a=bc                 ; true
        {'a': 'b'}               ; x=y&a=b              ; true
        {'a': 'b'}               ; a=b&x=y              ; true
        # the first sign of equality parts name and value
        {'a': ''}                ; a                    ; true
        {'a': ''}                ; a=                   ; true
        {'a': 'b=c'}             ; a=b=c                ; true
        {'a': '=b'}              ; a==b                 ; true
        {'a': 'b'}               ; =a=b                 ; false
        # items with nothing are no items
        {'a': 'b'}               ; &&a=b&&              ; true
        {'a': ''}                ; &a&                  ; true
        {'a': '*'}               ; &                    ; false
        {'a': '*'}               ; ``                   ; false
        # both are decoded, in the request and in the pattern
        {'a b': 'c d'}           ; a+b=c+d              ; true
        {'a+b': 'c+d'}           ; a%20b=c%20d          ; true
        {'a%20b': 'c%20d'}       ; a+b=c%20d            ; true
        {'a': 'b'}               ; %61=%62              ; true
        {'%61': '%62'}           ; a=b                  ; true
        {'a': '%2B'}             ; a=%2B                ; true
        {'a': '%2B'}             ; a=+                  ; false
        {'a': '%26'}             ; a=%26                ; true
        {'a%3Db': 'c'}           ; a%3Db=c              ; true
        {'a': '%2A'}             ; a=*                  ; true
        {'a': '%2A'}             ; a=b                  ; false
        {'%C3%A9': '%C3%A8'}     ; %C3%A9=%C3%A8        ; true
        # broken sequences of the request stay
        {'a': '%25'}             ; a=%                  ; true
        {'a': '%25zz'}           ; a=%zz                ; true
        {'%25': 'b'}             ; %=b                  ; true
        {'a': '%2541'}           ; a=%2541              ; true
        {'a': 'A'}               ; a=%2541              ; false
        # absent, several, none
        {'a': '!b'}              ; c=d                  ; false
        {'a': []}                ; c=d                  ; false
        {'a': []}                ; a                    ; true
        {'a': '!b'}              ; a=c                  ; true
        {'a': 'b'}               ; a=b&a=b              ; true
        {'a': 'b'}               ; a=b&a=c              ; false
        {'a': 'b'}               ; a=c&a=b              ; false
        {'a': ['b', 'c']}        ; a=c&a=b              ; true
        {'a': '1', 'b': '2'}     ; b=2&a=1              ; true
        {'a': '1', 'b': '2'}     ; a=1                  ; false
        [{'a': '1'}, {'b': '2'}] ; b=2                  ; true
        {}                       ; ``                   ; true
        []                       ; ``                   ; true
        {'a': '~^[0-9]+$'}       ; a=12                 ; true
        {'a': '~^[0-9]+$'}       ; a=1x                 ; false
        {'a': '~ '}              ; a=x+y                ; true
        # the fragment is none of it
        {'a': 'b'}               ; a=b#&a=c             ; true
        """)
    void arguments(String value, String query, boolean taken) {
        assertEquals(taken, PatternTableTest.taken("'arguments': " + value, "GET", "/?" + query, null));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # names and values with case, not decoded
        {'a': 'b'}               | Cookie: a=b                  | true
        {'a': 'b'}               | cookie: a=b                  | true
        {'a': 'b'}               | Cookie: A=b                  | false
        {'a': 'b'}               | Cookie: a=B                  | false
        {'a': '%62'}             | Cookie: a=%62                | true
        {'a': '%62'}             | Cookie: a=b                  | false
        {'a': 'b+c'}             | Cookie: a=b+c                | true
        # parted at semicolons; blanks before the name and behind the value are not meant
        {'a': 'b'}               | Cookie: x=y; a=b             | true
        {'a': 'b'}               | Cookie: x=y;a=b              | true
        {'a': 'b'}               | Cookie: x=y;   a=b  ;z=1     | true
        {'a': ' b'}              | Cookie: a= b                 | true
        {'a ': 'b'}              | Cookie: a =b                 | true
        {'a': 'b c'}             | Cookie: a=b c ; d=e          | true
        # the first sign of equality counts; without one it is none
        {'a': 'b=c'}             | Cookie: a=b=c                | true
        {'a': ''}                | Cookie: a=                   | true
        {'a': '*'}               | Cookie: a                    | false
        {'a': '*'}               | Cookie: x; a; y              | false
        {'a': 'b'}               | Cookie: ;;a=b;;              | true
        # all fields, each occurrence
        {'a': 'b'}               | Cookie: x=y~Cookie: a=b      | true
        {'a': 'b'}               | Cookie: a=b~Cookie: a=c      | false
        {'a': 'b'}               | Cookie: a=b; a=b             | true
        {'a': 'b'}               | Cookie: a=b; a=c             | false
        {'a': ['b', 'c']}        | Cookie: a=b~Cookie: a=c      | true
        {'a': '!c'}              | Cookie: a=b                  | true
        {'a': '!c'}              | Cookie: b=c                  | false
        {'a': '!c'}              | A: b                         | false
        {'a': []}                | Cookie: a=b                  | true
        {'a': []}                | Cookie: b=a                  | false
        {'a': '1', 'b': '2'}     | Cookie: a=1; b=2             | true
        {'a': '1', 'b': '2'}     | Cookie: a=1                  | false
        [{'a': '1'}, {'b': '2'}] | Cookie: b=2                  | true
        {}                       | A: b                         | true
        []                       | A: b                         | true
        {'a': '~^[a-f]+$'}       | Cookie: a=cafe               | true
        {'a': '~^[a-f]+$'}       | Cookie: a=CAFE               | false
        """)
    void cookies(String value, String fields, boolean taken) {
        assertEquals(taken, PatternTableTest.taken("'cookies': " + value, "GET", "/", fields));
    }

    private static PeerAddress peer(String text) throws UnknownHostException {
        if (text.equals("unix")) {
            return PeerAddress.of(new SocketAddress() {
                private static final long serialVersionUID = 1;
            });
        }
        int colon = text.lastIndexOf(' ');
        return PeerAddress.of(new InetSocketAddress(InetAddress.getByName(text.substring(0, colon)),
            Integer.parseInt(text.substring(colon + 1))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # patterns                  | address and port | matched
        10.0.0.1                    | 10.0.0.1 80   | true
        !10.0.0.1                   | 10.0.0.1 80   | false
        !10.0.0.1                   | 10.0.0.2 80   | true
        !10.0.0.1                   | ::1 80        | true
        !10.0.0.1                   | unix          | true
        ``                          | 10.0.0.1 80   | false
        ``                          | unix          | false
        10.0.0.1 10.0.0.2           | 10.0.0.2 80   | true
        10.0.0.1 10.0.0.2           | 10.0.0.3 80   | false
        !10.0.0.1 !10.0.0.2         | 10.0.0.3 80   | true
        !10.0.0.1 !10.0.0.2         | 10.0.0.2 80   | false
        10.0.0.0/8 !10.0.0.1        | 10.0.0.1 80   | false
        !10.0.0.1 10.0.0.0/8        | 10.0.0.2 80   | true
        !10.0.0.1 10.0.0.0/8        | 11.0.0.2 80   | false
        *:80 *:443                  | 10.0.0.1 443  | true
        *:80 *:443                  | ::1 80        | true
        *:80 *:443                  | ::1 81        | false
        *:80 !::1                   | ::1 80        | false
        10.0.0.0/8:80-90 !*:85      | 10.1.1.1 84   | true
        10.0.0.0/8:80-90 !*:85      | 10.1.1.1 85   | false
        unix                        | unix          | true
        unix                        | 10.0.0.1 80   | false
        !unix                       | unix          | false
        !unix                       | 10.0.0.1 80   | true
        unix ::1                    | ::1 80        | true
        unix ::1                    | unix          | true
        0.0.0.0/0 ::/0              | unix          | false
        *:0-65535                   | unix          | false
        """)
    void addresses(String patterns, String address, boolean matched) throws UnknownHostException {
        List<io.margay.conf.Conf> all = java.util.stream.Stream.of(patterns.split(" ")).filter(p -> !p.isEmpty())
            .map(ConfString::new).map(io.margay.conf.Conf.class::cast).toList();
        assertEquals(matched, AddressMatch.compile(new ConfArray(all), ConfPointer.ROOT).test(peer(address)));
        if (all.size() == 1) {
            assertEquals(matched, AddressMatch.compile(all.getFirst(), ConfPointer.ROOT).test(peer(address)));
        }
    }

    /** Leading zeros: what validation takes the router takes. */
    @ParameterizedTest
    @CsvSource({"*:000080", "10.0.0.1:000080", "[::1]:000080-000090", "10.0.0.0/0008", "::/000128", "010.001.000.009"})
    void leadingZeros(String pattern) {
        AddressMatch.compile(new ConfString(pattern), ConfPointer.ROOT);
        assertEquals(java.util.Optional.empty(), io.margay.posix.AddressPattern.problem(pattern));
    }
}
