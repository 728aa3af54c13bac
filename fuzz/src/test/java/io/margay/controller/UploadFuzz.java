// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import io.margay.certificate.CertificateBundle;
import io.margay.conf.ConfWriter;
import io.margay.script.ModuleSyntax;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Any bytes are a certificate chain or a script, or refused with a text. Blocks of PEM are made around bytes too. */
public final class UploadFuzz {
    private static final String[] TYPES = {"CERTIFICATE", "PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY",
        "EC PARAMETERS", "TRUSTED CERTIFICATE", "ENCRYPTED PRIVATE KEY", "X"};

    private UploadFuzz() {
    }

    /** Called by the fuzzer for each input. */
    public static void fuzzerTestOneInput(FuzzedDataProvider data) {
        switch (data.consumeInt(0, 3)) {
            case 0 -> inspect(new ScriptRules(ModuleSyntax::problem), data.consumeRemainingAsBytes());
            case 1 -> inspect(new CertificateRules(CertificateBundle::parse), blocks(data));
            default -> inspect(new CertificateRules(CertificateBundle::parse), data.consumeRemainingAsBytes());
        }
    }

    private static byte[] blocks(FuzzedDataProvider data) {
        StringBuilder file = new StringBuilder();
        for (int i = data.consumeInt(1, 4); i > 0; i--) {
            String type = data.pickValue(TYPES);
            file.append("-----BEGIN ").append(type).append("-----\n")
                .append(Base64.getMimeEncoder().encodeToString(data.consumeBytes(data.consumeInt(0, 2_000))))
                .append("\n-----END ").append(type).append("-----\n");
        }
        return file.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void inspect(ContentRules rules, byte[] content) {
        try {
            ConfWriter.pretty(rules.inspect("fuzz", content));
        } catch (InvalidContentException e) {
            if (e.getMessage() == null || e.getMessage().isBlank()) {
                throw new IllegalStateException("refused without a reason", e);
            }
        }
    }
}
