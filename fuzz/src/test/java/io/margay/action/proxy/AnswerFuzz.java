// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;

/** Any bytes of a server are an answer or none, the same one in whatever parts they come. */
public final class AnswerFuzz {
    private static final int LONGEST_HEAD = 400;

    private AnswerFuzz() {
    }

    /** Called by the fuzzer for each input. */
    public static void fuzzerTestOneInput(FuzzedDataProvider data) {
        boolean fastCgi = data.consumeBoolean();
        boolean toHead = data.consumeBoolean();
        boolean toUpgrade = data.consumeBoolean();
        int piece = data.consumeInt(1, 20);
        byte[] bytes = data.consumeRemainingAsBytes();
        SeenAnswer whole = new SeenAnswer(fastCgi, LONGEST_HEAD, toHead, toUpgrade);
        whole.read(bytes, Math.max(1, bytes.length));
        SeenAnswer parts = new SeenAnswer(fastCgi, LONGEST_HEAD, toHead, toUpgrade);
        parts.read(bytes, piece);
        SeenAnswer.check(whole.toString().equals(parts.toString()), () -> "whole: " + whole + "\nin parts: " + parts);
    }
}
