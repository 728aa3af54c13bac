// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.credential.Accounts;
import io.margay.engine.EventLoop;
import io.margay.log.ErrorLog;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Peer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the controller may ask main for, since it may not look itself: {@code revisions}, {@code revision NUMBER},
 * {@code uid NAME}. An answer without content says that there is none. On main's loop.
 */
final class Queries implements AutoCloseable {

    private static final int MAX_NAME = 256;

    private final int self;
    private final ConfStore store;
    private final Accounts accounts;
    private final Background names;

    Queries(EventLoop loop, int self, ConfStore store, Accounts accounts, ErrorLog journal) {
        this.self = self;
        this.store = store;
        this.accounts = accounts;
        this.names = new Background(loop, "name service", journal);
    }

    /** Answers when it can; the asking process may be gone by then. */
    void answer(Message message, Peer peer) {
        String text = message.text();
        int space = text.indexOf(' ');
        String word = space < 0 ? text : text.substring(0, space);
        String argument = text.substring(space + 1);
        int stream = message.stream();
        switch (word) {
            case "revisions" -> store.list(json -> large(peer, stream, json));
            case "revision" -> {
                if (!argument.matches("[1-9][0-9]{0,17}")) {
                    throw new PayloadException("query: no number of a revision");
                }
                store.read(Long.parseLong(argument), file -> large(peer, stream, file));
            }
            case "uid" -> {
                if (space < 0 || argument.isEmpty() || argument.length() > MAX_NAME || argument.indexOf('\0') >= 0) {
                    throw new PayloadException("query: no name of a user");
                }
                names.run("look up a user", () -> accounts.uid(argument), failure -> OptionalInt.empty(), uid ->
                    peer.send(Header.last(MessageType.RPC_READY, stream, self), uid.isEmpty() ? new byte[0]
                        : Integer.toUnsignedString(uid.getAsInt()).getBytes(StandardCharsets.US_ASCII)));
            }
            default -> throw new PayloadException("query: unknown question");
        }
    }

    private void large(Peer peer, int stream, Optional<byte[]> content) {
        Header header = Header.last(MessageType.RPC_READY, stream, self);
        if (content.isPresent()) {
            LargePayload.send(peer, header, "revisions", content.get());
        } else {
            peer.send(header);
        }
    }

    /** Ends the thread that asks for names. */
    @Override
    public void close() {
        names.close();
    }
}
