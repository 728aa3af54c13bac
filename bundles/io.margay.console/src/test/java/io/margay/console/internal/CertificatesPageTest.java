// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Of whom the page of certificates asks where listeners use what they describe. */
class CertificatesPageTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        {}                                                                         | []
        5                                                                          | []
        {'a': 5, 'b': {}, 'c': {'tls': {}}, 'd': {'tls': {'certificate': 'n'}}}    | []
        {'a': {'tls': {'certificate': ['n', 5]}}}                                  | []
        {'a': {'tls': {'certificate': {'k': {}}}}}                                 | [k]
        {'a': {'tls': {'certificate': ['n', {'l': {}}]}}, 'b': {'tls': {'certificate': {'k': {}}}}} | [k, l]
        """)
    void whoGetsWhatListenersDescribe(String listeners, String kinds) throws ConfSyntaxException {
        assertEquals(kinds, CertificatesPage.kinds(ConfParser.parse(listeners.replace('\'', '"')
            .getBytes(StandardCharsets.UTF_8))).toString());
    }
}
