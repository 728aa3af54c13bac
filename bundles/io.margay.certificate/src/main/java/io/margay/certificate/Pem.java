// SPDX-License-Identifier: Apache-2.0
package io.margay.certificate;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * One block of a PEM file (RFC 7468).
 *
 * @param type the words of its first line, like {@code CERTIFICATE}
 * @param encrypted whether its header fields say so (RFC 1421)
 * @param content what the block encodes; not to be changed
 */
record Pem(String type, boolean encrypted, byte[] content) {
    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";

    /** The blocks in their order; text between them says nothing. */
    static List<Pem> blocks(byte[] file) throws BundleException {
        List<Pem> blocks = new ArrayList<>();
        String type = "";
        boolean inside = false;
        boolean encrypted = false;
        StringBuilder base64 = new StringBuilder();
        for (String raw : new String(file, StandardCharsets.ISO_8859_1).split("\\r\\n|\\r|\\n", -1)) {
            String line = raw.strip();
            if (!inside) {
                inside = line.startsWith(BEGIN) && line.endsWith(DASHES) && line.length() > BEGIN.length() + 5;
                type = inside ? line.substring(BEGIN.length(), line.length() - DASHES.length()) : "";
                encrypted = false;
                base64.setLength(0);
            } else if (line.startsWith(DASHES)) {
                if (!line.equals(END + type + DASHES)) {
                    throw new BundleException("The PEM block \"" + shown(type) + "\" has no end.");
                }
                blocks.add(new Pem(type, encrypted, decode(type, base64)));
                inside = false;
            } else if (line.indexOf(':') >= 0) {
                encrypted |= line.startsWith("Proc-Type:") && line.endsWith("ENCRYPTED");
                // What is encrypted is not decoded; a field may go on in further lines.
            } else if (!encrypted) {
                base64.append(line);
            }
        }
        if (inside) {
            throw new BundleException("The PEM block \"" + shown(type) + "\" has no end.");
        }
        return blocks;
    }

    private static byte[] decode(String type, StringBuilder base64) throws BundleException {
        try {
            return Base64.getDecoder().decode(base64.toString());
        } catch (IllegalArgumentException e) {
            throw new BundleException("The PEM block \"" + shown(type) + "\" is not valid Base64.", e);
        }
    }

    /** A text of the file, fit for a message. */
    static String shown(String text) {
        String start = text.length() > 64 ? text.substring(0, 64) + "..." : text;
        return start.replaceAll("[^\\x20-\\x7E]", "?");
    }
}
