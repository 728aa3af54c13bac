// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.fastcgi.internal;

import io.margay.http.Records;
import io.netty.buffer.ByteBuf;

/**
 * The first request of a worker, which shows that a process has accepted its connection and answers. What it answers
 * does not matter. On the home loop.
 */
final class Greeting implements Link.Reader {

    /** The script that is asked for; a process that knows the name spares itself the search for a file. */
    static final String SCRIPT = "/margay.fastcgi.ping";

    private final FastCgiWorker worker;

    Greeting(FastCgiWorker worker) {
        this.worker = worker;
    }

    /** Writes the request. */
    static void write(ByteBuf out) {
        ByteBuf pairs = out.alloc().heapBuffer();
        Records.pair(pairs, "REQUEST_METHOD", "GET");
        Records.pair(pairs, "SERVER_PROTOCOL", "HTTP/1.1");
        Records.pair(pairs, "REQUEST_URI", SCRIPT);
        Records.pair(pairs, "QUERY_STRING", "");
        Records.pair(pairs, "SCRIPT_NAME", SCRIPT);
        Records.pair(pairs, "SCRIPT_FILENAME", SCRIPT);
        out.clear();
        Records.begin(out);
        Records.params(out, pairs);
        Records.header(out, Records.STDIN, 0);
        pairs.release();
    }

    @Override
    public void output(ByteBuf bytes) {
        // That it comes is enough.
    }

    @Override
    public void errors(ByteBuf bytes) {
        worker.owner().errors(bytes);
    }

    @Override
    public boolean pause() {
        return true;
    }

    @Override
    public void ended(int protocolStatus) {
        worker.greeted();
    }

    @Override
    public void broken(String how) {
        worker.fails(how);
    }
}
