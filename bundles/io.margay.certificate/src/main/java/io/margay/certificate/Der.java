// SPDX-License-Identifier: Apache-2.0
package io.margay.certificate;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One value in DER, as far as names and private keys need it.
 *
 * @param tag the identifier octet
 * @param content its octets; not to be changed
 */
record Der(int tag, byte[] content) {
    static final int INTEGER = 0x02;
    static final int OCTETS = 0x04;
    static final int OID = 0x06;
    static final int SEQUENCE = 0x30;

    private static final int UTF8 = 0x0C;
    private static final int UNIVERSAL = 0x1C;
    private static final int BMP = 0x1E;

    /** Reads a value that fills the array. */
    static Der read(byte[] encoded) throws BundleException {
        List<Der> values = all(encoded);
        if (values.size() != 1) {
            throw malformed();
        }
        return values.getFirst();
    }

    /** The values inside of this one. */
    List<Der> values() throws BundleException {
        return all(content);
    }

    /** The value at a place, which must be of a kind. */
    static Der at(List<Der> values, int index, int tag) throws BundleException {
        if (index >= values.size() || values.get(index).tag() != tag) {
            throw malformed();
        }
        return values.get(index);
    }

    private static List<Der> all(byte[] in) throws BundleException {
        List<Der> values = new ArrayList<>();
        for (int i = 0; i < in.length;) {
            if (i + 2 > in.length || (in[i] & 0x1F) == 0x1F) {
                throw malformed();
            }
            int tag = in[i] & 0xFF;
            int length = in[i + 1] & 0xFF;
            i += 2;
            if (length >= 0x80) {
                int octets = length - 0x80;
                if (octets < 1 || octets > 3 || i + octets > in.length) {
                    throw malformed();
                }
                length = 0;
                for (int k = 0; k < octets; k++) {
                    length = length << 8 | in[i++] & 0xFF;
                }
            }
            if (length > in.length - i) {
                throw malformed();
            }
            values.add(new Der(tag, Arrays.copyOfRange(in, i, i + length)));
            i += length;
        }
        return values;
    }

    /** Puts values together. */
    static byte[] encode(int tag, byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        int octets = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
        byte[] out = new byte[2 + octets + length];
        out[0] = (byte) tag;
        out[1] = (byte) (octets == 0 ? length : 0x80 | octets);
        int at = 2;
        for (int k = octets - 1; k >= 0; k--) {
            out[at++] = (byte) (length >> 8 * k);
        }
        for (byte[] part : parts) {
            System.arraycopy(part, 0, out, at, part.length);
            at += part.length;
        }
        return out;
    }

    /** This value as it is encoded. */
    byte[] encoded() {
        return encode(tag, content);
    }

    /** The characters of a string of any of the kinds that names use. */
    String text() {
        Charset charset = switch (tag) {
            case UTF8 -> StandardCharsets.UTF_8;
            case BMP -> StandardCharsets.UTF_16BE;
            case UNIVERSAL -> Charset.forName("UTF-32BE");
            default -> StandardCharsets.ISO_8859_1;
        };
        return new String(content, charset);
    }

    private static BundleException malformed() {
        return new BundleException("The content of a PEM block is malformed.");
    }
}
