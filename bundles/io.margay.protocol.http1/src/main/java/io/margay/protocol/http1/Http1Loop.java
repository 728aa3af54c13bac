// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.margay.http.HttpLoop;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;

/** What the connections of this protocol share on one loop: spare heads and buffers. Used on the loop only. */
final class Http1Loop {
    private static final int SPARE_HEADS = 256;
    private static final byte[] PLAIN = "Server: Unit\r\n".getBytes(StandardCharsets.ISO_8859_1);

    private final HttpLoop http;
    private final HeadRules rules = new HeadRules();
    private final ArrayDeque<HeadParser> spare = new ArrayDeque<>();
    private final SpareBuffer input = new SpareBuffer();
    private final SpareBuffer output = new SpareBuffer();
    private final byte[] server;

    Http1Loop(HttpLoop http) {
        this.http = http;
        server = ("Server: Unit/" + http.version() + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    /** What all protocols share. */
    HttpLoop http() {
        return http;
    }

    HeadRules rules() {
        return rules;
    }

    /** What a connection reads a head into. */
    SpareBuffer input() {
        return input;
    }

    /** What a connection gathers a response in. */
    SpareBuffer output() {
        return output;
    }

    HeadParser takeParser() {
        HeadParser parser = spare.pollLast();
        return parser != null ? parser : new HeadParser();
    }

    void giveParser(HeadParser parser) {
        // Heads that grew are left to the collector, so that idle memory stays small.
        if (spare.size() < SPARE_HEADS && parser.head().array().length <= 2 * HeadParser.FIRST_BUFFER) {
            spare.addLast(parser);
        }
    }

    /** The line {@code Server}. */
    byte[] server(boolean withVersion) {
        return withVersion ? server : PLAIN;
    }

    /** The date of now, {@link HttpDate#LENGTH} bytes. */
    byte[] date() {
        return http.date();
    }
}
