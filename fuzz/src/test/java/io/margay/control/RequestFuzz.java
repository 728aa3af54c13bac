// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Any bytes are a request or refused, however they are cut into pieces. Where a length or chunks tell the end of the
 * content, the pieces make no difference at all.
 */
public final class RequestFuzz {
    private static final ControlLimits LIMITS =
        new ControlLimits(2_000, 3_000, 1 << 20, 10, 1_000, 1_000, 1_000);

    private RequestFuzz() {
    }

    /** Called by the fuzzer for each input. */
    public static void fuzzerTestOneInput(FuzzedDataProvider data) {
        List<Integer> sizes = new ArrayList<>();
        for (int i = data.consumeInt(0, 12); i > 0; i--) {
            sizes.add(data.consumeInt(1, 300));
        }
        byte[] bytes = data.consumeRemainingAsBytes();
        Outcome whole = read(bytes, List.of());
        Outcome cut = read(bytes, sizes);
        Outcome single = read(bytes, List.of(0));
        if (whole.endIsTold() && !(whole.sameAs(cut) && whole.sameAs(single))) {
            throw new IllegalStateException("pieces make a difference: " + whole + ", " + cut + ", " + single);
        }
    }

    /** What came of it: a request, a refusal, or nothing yet. */
    private record Outcome(Optional<ControlRequest> request, String refused, boolean inBody) {

        boolean endIsTold() {
            return request.isPresent() && (request.get().headers().get("content-length").isPresent()
                || request.get().headers().get("transfer-encoding").isPresent());
        }

        boolean sameAs(Outcome other) {
            if (request.isEmpty() || other.request.isEmpty()) {
                return request.isEmpty() == other.request.isEmpty();
            }
            ControlRequest a = request.get();
            ControlRequest b = other.request.get();
            // Bytes beyond a length that came along belong to the content.
            int least = Math.min(a.body().length, b.body().length);
            return a.method().equals(b.method()) && a.target().equals(b.target())
                && Arrays.equals(a.body(), 0, least, b.body(), 0, least);
        }
    }

    /** Reads in pieces of these sizes and the rest in one; a size of 0 makes pieces of one byte. */
    private static Outcome read(byte[] bytes, List<Integer> sizes) {
        ControlRequestReader reader = new ControlRequestReader(LIMITS, new ControlPeer.Remote("test"),
            target -> Integer.MAX_VALUE, target -> 0);
        int at = 0;
        try {
            for (int i = 0; at < bytes.length; i++) {
                int size = sizes.equals(List.of(0)) ? 1 : i < sizes.size() ? sizes.get(i) : bytes.length - at;
                byte[] piece = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + size));
                at += piece.length;
                Optional<ControlRequest> request = reader.read(piece);
                reader.takeExpectation();
                if (reader.size() > 16_384 + 4 * bytes.length) {
                    throw new IllegalStateException("holds " + reader.size());
                }
                if (request.isPresent()) {
                    request.get().query();
                    return new Outcome(request, "", false);
                }
            }
        } catch (ControlRequestReader.Refused e) {
            return new Outcome(Optional.empty(), e.getMessage(), false);
        }
        return new Outcome(Optional.empty(), "", reader.inBody());
    }
}
