// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.fastcgi.internal;

import io.netty.buffer.ByteBuf;

/** What a process still sends of a response that nobody wants. Too much of it, and it finds its connection closed. */
final class Rubbish implements Link.Reader {

    private static final int MOST = 1 << 20;

    private final Link link;
    private int bytes;

    Rubbish(Link link) {
        this.link = link;
    }

    @Override
    public void output(ByteBuf part) {
        bytes += part.readableBytes();
    }

    @Override
    public void errors(ByteBuf part) {
        bytes += part.readableBytes();
    }

    @Override
    public boolean pause() {
        if (bytes > MOST) {
            link.close();
        }
        return true;
    }

    @Override
    public void ended(int protocolStatus) {
        // Behind the order to abort it cannot begin another request.
        link.close();
    }

    @Override
    public void broken(String how) {
        // Nobody waits for it.
    }
}
