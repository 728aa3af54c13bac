// SPDX-License-Identifier: Apache-2.0
package io.margay.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is found in configurations of which nothing is known. */
class DescribedCertificateTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "-", textBlock = """
        {}                                                         | ``
        {'listeners': 5}                                           | ``
        {'listeners': {'a': 5, 'b': {'tls': 5}, 'c': {'tls': {}}}} | ``
        {'listeners': {'a': {'tls': {'certificate': 'n'}}}}        | ``
        {'listeners': {'a': {'tls': {'certificate': {}}}}}         | ``
        {'listeners': {'a': {'tls': {'certificate': {'k': 1, 'l': 2}}}}} | ``
        {'listeners': {'a': {'tls': {'certificate': [['n', {'k': 1}], 5, null]}}}} | ``
        {'listeners': {'a/b': {'tls': {'certificate': {'k': 1}}}}} | /listeners/a~1b/tls/certificate/k = 1
        {'listeners': {'a': {'tls': {'certificate': ['n', {'k': 1}, {'l': 'm'}]}}, 'b': {'tls': {'certificate': \
        {'k': 1}}}}} | /listeners/a/tls/certificate/1/k = 1, /listeners/a/tls/certificate/2/l = "m", \
        /listeners/b/tls/certificate/k = 1
        """)
    void thoseOfListeners(String configuration, String found) throws ConfSyntaxException {
        ConfObject whole = (ConfObject) ConfParser.parse(configuration.replace('\'', '"')
            .getBytes(StandardCharsets.UTF_8));
        assertEquals(found, DescribedCertificate.ofListeners(whole).stream().map(one -> one.inner() + " = "
            + ConfWriter.compactText(one.value())).collect(Collectors.joining(", ")));
    }
}
