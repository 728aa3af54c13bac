// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import io.netty.util.AsciiString;
import java.util.Arrays;

/** Texts of clients that have a grammar of their own: targets, hosts, offers of WebSockets. */
public final class TextFuzz {
    private TextFuzz() {
    }

    /** Called by the fuzzer for each input. */
    public static void fuzzerTestOneInput(FuzzedDataProvider data) {
        byte[] bytes = data.consumeRemainingAsBytes();
        target(bytes);
        byte[] host = new byte[bytes.length];
        int length = Authority.host(bytes, 0, bytes.length, host);
        if (length > bytes.length || length >= 0 && Authority.isValid(bytes, 0, bytes.length)
                && !Arrays.equals(host, 0, length, lower(host, length), 0, length)) {
            throw new IllegalStateException("host " + new AsciiString(host, 0, Math.max(0, length), false));
        }
        Deflation.of(new AsciiString(bytes, false).toString(), true);
    }

    private static byte[] lower(byte[] host, int length) {
        byte[] lower = Arrays.copyOf(host, length);
        for (int i = 0; i < length; i++) {
            lower[i] = Ascii.lower(lower[i]);
        }
        return lower;
    }

    /** A path leads nowhere above the root, and means itself. */
    private static void target(byte[] rest) {
        byte[] bytes = new byte[rest.length + 1];
        bytes[0] = '/';
        System.arraycopy(rest, 0, bytes, 1, rest.length);
        TargetPath path = new TargetPath();
        if (!path.parse(bytes, 0, bytes.length)) {
            return;
        }
        byte[] decoded = Arrays.copyOfRange(path.path(), path.pathStart(), path.pathEnd());
        String text = new AsciiString(decoded, false).toString();
        if (!text.startsWith("/") || (text + "/").contains("/../") || (text + "/").contains("/./")
                || text.contains("//") || path.queryStart() > path.queryEnd() || path.queryEnd() > bytes.length) {
            throw new IllegalStateException("path " + text);
        }
    }
}
