// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;

/** Bytes without any order, and what applications must find that they are. */
record Sample(byte[] bytes, String digest) {
    static Sample of(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        try {
            return new Sample(bytes, HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sends them as the body of a request whose connection is kept, and takes the answer. */
    Response post(Http http, String path) throws IOException {
        http.send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + bytes.length
            + "\r\n\r\n");
        http.send(bytes);
        return http.response(false);
    }
}
