// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import io.margay.http.AcceptedCodings;
import io.netty.util.AsciiString;
import java.util.List;

/** Whatever a client wants of a file, it gets what is in it, no more than it has, and a coding that it may choose. */
public final class FieldFuzz {
    private static final AsciiString[] CODINGS = {AsciiString.cached("gzip"), AsciiString.cached("br"),
        AsciiString.cached("identity"), AsciiString.cached("*")};
    private static final int MOST_WEIGHT = 1000;
    private static final int MOST_PARTS = 32;

    private FieldFuzz() {
    }

    /** Called by the fuzzer for each input. */
    public static void fuzzerTestOneInput(FuzzedDataProvider data) {
        boolean ranges = data.consumeBoolean();
        long size = data.consumeLong(0, Long.MAX_VALUE / 4);
        AsciiString value = new AsciiString(data.consumeRemainingAsBytes(), false);
        if (ranges) {
            Ranges.of(AsciiString.of("bytes=").concat(value), size).ifPresent(found -> parts(found.parts(), size));
            return;
        }
        AcceptedCodings codings = AcceptedCodings.of(value);
        for (AsciiString coding : CODINGS) {
            int weight = codings.weight(coding);
            check(weight >= -1 && weight <= MOST_WEIGHT, "weight " + weight);
        }
        check(codings.identity() <= MOST_WEIGHT, "weight of identity");
    }

    private static void parts(List<Ranges.Part> parts, long size) {
        check(parts.size() <= MOST_PARTS, "too many parts");
        long all = 0;
        for (Ranges.Part part : parts) {
            check(part.first() >= 0 && part.count() > 0 && part.count() <= size - part.first(), "outside: " + part);
            all += part.count();
        }
        check(parts.size() < 2 || all <= size, "more than there is");
    }

    private static void check(boolean good, String text) {
        if (!good) {
            throw new IllegalStateException(text);
        }
    }
}
