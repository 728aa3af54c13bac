// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.BadResponseException;
import io.margay.http.ReplyParser;
import io.netty.buffer.ByteBuf;

/** Answers in HTTP/1. */
final class HttpAnswers implements AnswerReader {
    private final ReplyParser parser;

    HttpAnswers(int longestHead, Sink sink) {
        parser = ReplyParser.lenient(longestHead, sink);
    }

    @Override
    public void begin(boolean toHead, boolean toUpgrade) {
        parser.begin(toHead, toUpgrade);
    }

    @Override
    public boolean isUntouched() {
        return parser.isUntouched();
    }

    @Override
    public boolean keepsAlive() {
        return parser.keepsAlive();
    }

    @Override
    public void read(ByteBuf in) throws BadResponseException {
        parser.read(in);
    }

    @Override
    public boolean eof() {
        return parser.eof() == ReplyParser.End.COMPLETE;
    }

    @Override
    public void close() {
        // It has nothing that somebody else would miss.
    }
}
