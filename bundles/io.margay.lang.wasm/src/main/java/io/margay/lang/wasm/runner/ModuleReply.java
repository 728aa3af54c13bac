// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.wasm.runner;

import com.dylibso.chicory.runtime.Memory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;

/** The response of one request. Every offset and length comes from the module and is checked. */
final class ModuleReply {

    /** Bytes of names and values together. */
    static final int HEAD = 1 << 20;

    private static final int LOWEST = 200;
    private static final int HIGHEST = 999;
    private static final int NAME = 255;
    private static final int FIELD = 16;
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern TEXT = Pattern.compile("[^\\x00-\\x08\\x0a-\\x1f\\x7f]*");
    /** What belongs to the connection, which is not the module's. */
    private static final Set<String> CONNECTION = Set.of("connection", "keep-alive", "transfer-encoding", "upgrade");

    private final Response response;
    private boolean begun;
    private boolean ended;
    private IOException failure;

    ModuleReply(Response response) {
        this.response = response;
        response.setStatus(LOWEST);
    }

    boolean ended() {
        return ended;
    }

    void status(int status) {
        if (status < LOWEST || status > HIGHEST) {
            throw new AbiException("WASM set_resp_status status " + Integer.toUnsignedString(status)
                + " out of range");
        }
        if (!begun) {
            response.setStatus(status);
        }
    }

    /** Takes the table of fields at an offset of the block. */
    void headers(Memory memory, int address, long offset) {
        if (begun) {
            throw new AbiException("WASM send_headers after the header");
        }
        begun = true;
        if (offset > Abi.ALLOCATED - Integer.BYTES) {
            throw new AbiException("WASM send_headers offset " + offset + " out of range");
        }
        int table = address + (int) offset;
        long room = Abi.ALLOCATED - offset;
        long count = unsigned(memory, table);
        if (count > (room - Integer.BYTES) / FIELD) {
            throw new AbiException("WASM send_headers nfields=" + count + " out of range");
        }
        long size = 0;
        for (int i = 0; i < count; i++) {
            int entry = table + Integer.BYTES + i * FIELD;
            long nameLength = unsigned(memory, entry + Integer.BYTES);
            if (nameLength > NAME) {
                throw new AbiException("WASM send_headers field[" + i + "] name_len=" + nameLength + " exceeds 255");
            }
            size += nameLength + unsigned(memory, entry + FIELD - Integer.BYTES);
            if (size > HEAD) {
                throw new AbiException("WASM send_headers header of more than " + HEAD + " bytes");
            }
            String name = text(memory, table, room, entry, i);
            String value = text(memory, table, room, entry + 2 * Integer.BYTES, i);
            if (!TOKEN.matcher(name).matches() || !TEXT.matcher(value).matches()) {
                throw new AbiException("WASM send_headers field[" + i + "] is no header field");
            }
            if (!CONNECTION.contains(name.toLowerCase(Locale.ROOT))) {
                response.getHeaders().add(name, value.strip());
            }
        }
    }

    private static String text(Memory memory, int table, long room, int pair, int number) {
        long offset = unsigned(memory, pair);
        long length = unsigned(memory, pair + Integer.BYTES);
        if (offset > room || length > room - offset) {
            throw new AbiException("WASM send_headers field[" + number + "] offset " + offset + " out of range");
        }
        return new String(memory.readBytes(table + (int) offset, (int) length), StandardCharsets.ISO_8859_1);
    }

    private static long unsigned(Memory memory, int address) {
        return memory.readInt(address) & 0xffff_ffffL;
    }

    /** Sends the bytes at an offset of the block. */
    void body(Memory memory, int address, long offset) {
        if (ended) {
            throw new AbiException("WASM send_response after the end");
        }
        if (offset > Abi.ALLOCATED - Integer.BYTES) {
            throw new AbiException("WASM send_response offset " + offset + " out of range");
        }
        long size = unsigned(memory, address + (int) offset);
        if (size > Abi.ALLOCATED - Integer.BYTES - offset) {
            throw new AbiException("WASM send_response size " + size + " out of range");
        }
        begun = true;
        if (size > 0 && !HttpStatus.hasNoBody(response.getStatus())) {
            write(false, memory.readBytes(address + (int) offset + Integer.BYTES, (int) size));
        }
    }

    /** A client that is gone is no fault of the module, so the module is not disturbed. */
    private void write(boolean last, byte[] bytes) {
        if (failure == null) {
            try {
                Content.Sink.write(response, last, ByteBuffer.wrap(bytes));
            } catch (IOException e) {
                failure = e;
            }
        }
    }

    /** Completes the response; returns whether it was not complete. */
    boolean end() {
        if (ended) {
            return false;
        }
        ended = true;
        if (!begun) {
            response.getHeaders().put("Content-Type", "text/plain");
        }
        write(true, new byte[0]);
        return true;
    }

    /**
     * Completes the response if the module has not.
     *
     * @throws IOException when it could not be sent
     */
    void finish() throws IOException {
        end();
        if (failure != null) {
            throw failure;
        }
    }

    /**
     * Answers with an empty response, or, when a part of another one was sent already, leaves it incomplete.
     *
     * @throws IOException when that is so
     */
    void fail(int status) throws IOException {
        if (response.isCommitted()) {
            throw failure == null ? new IOException("the response is incomplete") : failure;
        }
        response.reset();
        response.setStatus(status);
        ended = true;
        write(true, new byte[0]);
        finish();
    }
}
