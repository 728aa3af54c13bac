// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.wasm.runner;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/**
 * Runs a small module and asks it some things, so that the runtime sees which classes a start and a first request need.
 * Nothing of anybody's application is there.
 */
public final class ModuleTraining {

    /**
     * A module that answers with a status, a field and a body:
     * <pre>
     * (module
     *   (import "env" "nxt_wasm_set_resp_status" (func $status (param i32)))
     *   (import "env" "nxt_wasm_send_headers" (func $fields (param i32)))
     *   (import "env" "nxt_wasm_send_response" (func $body (param i32)))
     *   (import "env" "nxt_wasm_response_end" (func $end))
     *   (memory (export "memory") 515)
     *   (data (i32.const 33619968)
     *     "\01\00\00\00\14\00\00\00\01\00\00\00\15\00\00\00\01\00\00\00ab\02\00\00\00ok")
     *   (func (export "malloc") (param i32) (result i32) (i32.const 65536))
     *   (func (export "free") (param i32))
     *   (func (export "handle") (param i32) (result i32)
     *     (call $status (i32.const 201)) (call $fields (i32.const 33554432)) (call $body (i32.const 33554454))
     *     (call $end) (i32.const 0)))
     * </pre>
     */
    private static final String MODULE = "AGFzbQEAAAABDQNgAX8AYAAAYAF/AX8CdQQDZW52GG54dF93YXNtX3NldF9yZXNwX3N0YXR1"
        + "cwAAA2VudhVueHRfd2FzbV9zZW5kX2hlYWRlcnMAAANlbnYWbnh0X3dhc21fc2VuZF9yZXNwb25zZQAAA2VudhVueHRfd2FzbV9y"
        + "ZXNwb25zZV9lbmQAAQMEAwIAAgUEAQCDBAcjBAZtZW1vcnkCAAZtYWxsb2MABARmcmVlAAUGaGFuZGxlAAYKJQMGAEGAgAQLAgAL"
        + "GQBByQEQAEGAgIAQEAFBloCAEBACEANBAAsLJQEAQYCAhBALHAEAAAAUAAAAAQAAABUAAAABAAAAYWICAAAAb2s=";
    private static final int MEMORY = 64 << 20;

    private ModuleTraining() {
    }

    /** Takes no arguments; ends with status 1 when something was not as it should be. */
    public static void main(String[] args) throws Exception {
        WasmMain.properties();
        Path directory = Files.createTempDirectory("margay-training-");
        boolean good;
        try {
            good = run(directory);
        } finally {
            Files.deleteIfExists(directory.resolve("module"));
            Files.deleteIfExists(directory.resolve("socket"));
            Files.delete(directory);
        }
        System.exit(good ? 0 : 1);
    }

    /** Whether all answers were right. */
    static boolean run(Path directory) throws Exception {
        Path module = Files.write(directory.resolve("module"), Base64.getDecoder().decode(MODULE));
        Path socket = directory.resolve("socket");
        ModuleHost host = new ModuleHost(Program.load(ModuleOptions.parse(new String[] {"module=" + module,
            "memory=" + MEMORY, "request_handler=handle", "malloc_handler=malloc", "free_handler=free"})), socket);
        host.serve();
        boolean good = ask(socket, "GET /a%20b?c=d", "").matches("(?s)HTTP/1.1 201 .*\r\na: b\r\n.*\r\n\r\n.*ok.*");
        good &= ask(socket, "POST /", "1234").startsWith("HTTP/1.1 201 ");
        host.end();
        return good;
    }

    private static String ask(Path socket, String what, String body) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap((what + " HTTP/1.1\r\nHost: localhost\r\n" + RequestBlock.CLIENT_FIELD
                + ": http 127.0.0.1 127.0.0.1 80\r\nContent-Length: " + body.length() + "\r\nConnection: close\r\n\r\n"
                + body).getBytes(StandardCharsets.US_ASCII)));
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
