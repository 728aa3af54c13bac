// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.ssl.OpenSsl;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfCommandsTest {

    @BeforeAll
    static void load() {
        assertTrue(OpenSsl.isAvailable(), () -> String.valueOf(OpenSsl.unavailabilityCause()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "Options|ServerPreference|TLSv1.2 TLSv1.3", "minprotocol|TLSv1.3|TLSv1.3", "MaxProtocol|TLSv1.2|TLSv1.2",
        "MinProtocol|None|TLSv1 TLSv1.1 TLSv1.2 TLSv1.3", "Protocol|-TLSv1.3|TLSv1.2",
        "Protocol|ALL, -TLSv1.2, -SSLv3|TLSv1.3", "Protocol|-ALL,TLSv1.2|TLSv1.2",
        "Options|NoRenegotiation,-Compression,-KTLS,ExtendedMasterSecret|TLSv1.2 TLSv1.3",
        "ECDHParameters|Automatic|TLSv1.2 TLSv1.3",
        "ciphersuites|TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384|TLSv1.2 TLSv1.3"})
    void protocols(String name, String value, String expected) {
        assertEquals(expected, String.join(" ", new ConfCommands(Map.of(name, value)).protocols()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "Nonsense|x|unknown command \"Nonsense\" in \"conf_commands\" option",
        "SignatureAlgorithms|x|command \"SignatureAlgorithms\" in \"conf_commands\" option is not supported by the TLS "
            + "library",
        "VerifyMode|Require|command \"VerifyMode\" in \"conf_commands\" option is not obeyed: the option "
            + "\"tls/client/verify\" is there for it",
        "Options|-NoRenegotiation|invalid value \"-NoRenegotiation\" for command \"Options\" in \"conf_commands\" "
            + "option",
        "Options|KTLS|invalid value \"KTLS\" for command \"Options\" in \"conf_commands\" option",
        "MinProtocol|TLSv1.4|invalid value \"TLSv1.4\" for command \"MinProtocol\" in \"conf_commands\" option",
        "Protocol|-QUIC|invalid value \"-QUIC\" for command \"Protocol\" in \"conf_commands\" option",
        "Protocol|SSLv3|invalid value \"SSLv3\" for command \"Protocol\" in \"conf_commands\" option",
        "Protocol|-ALL|\"conf_commands\" option leaves no protocol",
        "MaxProtocol|TLSv1|\"conf_commands\" option leaves no protocol",
        "Options|Compression|invalid value \"Compression\" for command \"Options\" in \"conf_commands\" option",
        "Options||invalid value \"\" for command \"Options\" in \"conf_commands\" option",
        "Ciphersuites|TLS_AES_128_GCM_SHA256|invalid value \"TLS_AES_128_GCM_SHA256\" for command \"Ciphersuites\" in "
            + "\"conf_commands\" option: the TLS library always offers "
            + "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"})
    void refusals(String name, String value, String reason) {
        Map<String, String> commands = Map.of(name, value == null ? "" : value);
        assertEquals(reason, assertThrows(TlsException.class, () -> new ConfCommands(commands)).getMessage());
    }
}
