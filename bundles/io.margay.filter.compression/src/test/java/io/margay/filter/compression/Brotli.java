// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.compression;

import com.aayushatharva.brotli4j.decoder.BrotliInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Decodes {@code br}. */
final class Brotli {
    private Brotli() {
    }

    static InputStream decoding(InputStream in) throws IOException {
        NativeLibrary.BROTLI.load();
        return new BrotliInputStream(in);
    }
}
