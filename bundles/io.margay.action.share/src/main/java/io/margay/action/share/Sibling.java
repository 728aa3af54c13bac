// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import io.margay.http.AcceptedCodings;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A file beside another that holds the same content, coded before. */
enum Sibling {
    /** {@code x.css.br}. */
    BROTLI("br", ".br", ""),
    /** {@code x.css.zst}. */
    ZSTD("zstd", ".zst", ""),
    /** {@code x.css.gz}. */
    GZIP("gzip", ".gz", ""),
    /** {@code x.svgz} for {@code x.svg}. */
    SVGZ("gzip", "z", ".svg");

    private final AsciiString coding;
    private final AsciiString suffix;
    private final String of;

    Sibling(String coding, String suffix, String of) {
        this.coding = AsciiString.cached(coding);
        this.suffix = AsciiString.cached(suffix);
        this.of = of;
    }

    /** Its coding, as fields name it. */
    AsciiString coding() {
        return coding;
    }

    /** Its path. */
    AsciiString path(AsciiString path) {
        return path.concat(suffix);
    }

    /** Those that a client may get for a path, the most wanted first; smaller ones first among equal ones. */
    static List<Sibling> of(AsciiString path, AcceptedCodings accepted) {
        if (accepted.isEmpty()) {
            return List.of();
        }
        List<Sibling> wanted = new ArrayList<>(values().length);
        int least = Math.max(1, accepted.identity());
        for (Sibling sibling : values()) {
            if (accepted.weight(sibling.coding) >= least
                && path.regionMatches(true, path.length() - sibling.of.length(), sibling.of, 0, sibling.of.length())) {
                wanted.add(sibling);
            }
        }
        wanted.sort(Comparator.comparingInt(sibling -> -accepted.weight(sibling.coding)));
        return wanted;
    }
}
