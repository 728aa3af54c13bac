// SPDX-License-Identifier: Apache-2.0
package io.margay.controller.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.controller.MainCalls;
import io.margay.controller.Revision;
import io.margay.controller.Stored;
import io.margay.log.ErrorLog;
import io.margay.module.ModuleOrder;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Peer;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.process.CoreChild;
import io.margay.store.ChangeNote;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** What the controller has main do for it, which may touch the disk and the name service. On the controller's loop. */
final class MainLink implements MainCalls {

    private static final String SILENT = "main did not answer";
    private static final long STORE_MILLIS = 60_000;
    /** The router starts applications anew, each within limits of its own. */
    private static final long MODULE_MILLIS = 660_000;
    /** A command has less, and the shell may have to start first. */
    private static final long SHELL_MILLIS = 180_000;
    /** A new router starts all applications anew before it serves. */
    private static final long REPLACE_MILLIS = 1_080_000;
    private static final int MAX_FILE = LargePayload.MAX_SIZE + ChangeNote.MAX_LINE;

    /** Main's reason. */
    private static final class Refused extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    private final CoreChild child;
    private final ErrorLog journal;

    MainLink(CoreChild child, ErrorLog journal) {
        this.child = child;
        this.journal = journal;
    }

    @Override
    public CompletionStage<Stored> store(byte[] compactJson, ChangeNote note) {
        CompletableFuture<Stored> result = new CompletableFuture<>();
        // What main itself says it has logged.
        result.whenComplete((stored, failure) -> {
            if (failure != null && !(failure instanceof Refused)) {
                journal.alert("failed to store current configuration: " + failure.getMessage());
            }
        });
        int stream = register(result, MainLink::stored);
        sent(LargePayload.send(child.main(), Header.last(MessageType.CONF_STORE, stream, child.self()), "conf",
            note.before(compactJson)), stream, result);
        return result;
    }

    /** The number of the revision, or NUL and why there is none. */
    private static Stored stored(Message answer) {
        String text = answer.text();
        int end = text.indexOf('\0') < 0 ? text.length() : text.indexOf('\0');
        String number = text.substring(0, end);
        return new Stored(number.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(number)),
            text.substring(Math.min(text.length(), end + 1)));
    }

    @Override
    public CompletionStage<List<ConfObject>> revisions() {
        return query("revisions", answer -> {
            List<ConfObject> notes = new ArrayList<>();
            content(answer).map(json -> (ConfArray) parsed(json)).orElse(ConfArray.EMPTY).elements().forEach(note ->
                notes.add((ConfObject) note));
            return notes;
        });
    }

    @Override
    public CompletionStage<Optional<Revision>> revision(long number) {
        return query("revision " + number, answer -> content(answer).map(file -> {
            int end = 0;
            while (file[end] != '\n') {
                end++;
            }
            return new Revision((ConfObject) parsed(Arrays.copyOf(file, end)),
                Arrays.copyOfRange(file, end + 1, file.length));
        }));
    }

    @Override
    public CompletionStage<Conf> inspect(String name) {
        CompletableFuture<Conf> result = new CompletableFuture<>();
        int stream = child.rpc().register(answer -> RouterLink.inspected(result, answer),
            failure -> result.completeExceptionally(new IllegalStateException(failure.message().isPresent()
                ? failure.text() : SILENT)), RouterLink.INSPECT_MILLIS, child.mainPid());
        sent(child.main().send(Header.last(MessageType.INSPECT, stream, child.self()),
            name.getBytes(StandardCharsets.UTF_8)), stream, result);
        return result;
    }

    @Override
    public CompletionStage<ConfObject> module(ModuleOrder order, Optional<Fd> jar) {
        CompletableFuture<ConfObject> result = new CompletableFuture<>();
        int stream = register(result, answer -> (ConfObject) parsed(LargePayload.receive(answer, "modules", MAX_FILE)),
            MODULE_MILLIS);
        Header header = Header.last(MessageType.MODULE_ORDER, stream, child.self());
        try {
            sent(jar.isEmpty() ? LargePayload.send(child.main(), header, "order", order.encode())
                : LargePayload.send(child.main(), header, "order", order.encode(), jar.get()), stream, result);
        } catch (PosixException e) {
            child.rpc().forget(stream);
            result.completeExceptionally(e);
        }
        return result;
    }

    @Override
    public CompletionStage<ConfObject> shell(ConfObject order) {
        CompletableFuture<ConfObject> result = new CompletableFuture<>();
        int stream = register(result, answer -> (ConfObject) parsed(LargePayload.receive(answer, "shell", MAX_FILE)),
            SHELL_MILLIS);
        Header header = Header.last(MessageType.SHELL_ORDER, stream, child.self());
        try {
            sent(LargePayload.send(child.main(), header, "shell", ConfWriter.compact(order)), stream, result);
        } catch (PosixException e) {
            child.rpc().forget(stream);
            result.completeExceptionally(e);
        }
        return result;
    }

    @Override
    public CompletionStage<Void> replace(String kind, OptionalInt seconds) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        int stream = register(result, answer -> null, REPLACE_MILLIS);
        sent(child.main().send(Header.last(MessageType.PROCESS_ORDER, stream, child.self()),
            (seconds.isEmpty() ? kind : kind + ' ' + seconds.getAsInt()).getBytes(StandardCharsets.UTF_8)), stream,
            result);
        return result;
    }

    @Override
    public CompletionStage<OptionalInt> uid(String name) {
        return query("uid " + name, answer -> answer.text().isEmpty() ? OptionalInt.empty()
            : OptionalInt.of(Integer.parseUnsignedInt(answer.text())));
    }

    private static Optional<byte[]> content(Message answer) {
        return answer.payload().hasRemaining() ? Optional.of(LargePayload.receive(answer, "revisions", MAX_FILE))
            : Optional.empty();
    }

    private static Object parsed(byte[] json) {
        try {
            return ConfParser.parse(json);
        } catch (ConfSyntaxException e) {
            throw new PayloadException("revisions: " + e.detail());
        }
    }

    private <T> CompletionStage<T> query(String question, Function<Message, T> reader) {
        CompletableFuture<T> result = new CompletableFuture<>();
        int stream = register(result, reader);
        sent(child.main().send(Header.last(MessageType.QUERY, stream, child.self()),
            question.getBytes(StandardCharsets.UTF_8)), stream, result);
        return result;
    }

    private <T> int register(CompletableFuture<T> result, Function<Message, T> reader) {
        return register(result, reader, STORE_MILLIS);
    }

    private <T> int register(CompletableFuture<T> result, Function<Message, T> reader, long millis) {
        return child.rpc().register(answer -> {
            try {
                result.complete(reader.apply(answer));
            } catch (RuntimeException e) {
                // A damaged file is main's to complain about; here it must not leave the request without an end.
                result.completeExceptionally(e);
            }
        }, failure -> result.completeExceptionally(switch (failure.kind()) {
            case ERROR -> new Refused(failure.text());
            case DEADLINE -> new IllegalStateException(SILENT);
            case PEER_GONE, CANCELLED -> new Gone(SILENT, true);
        }), millis, child.mainPid());
    }

    private void sent(Peer.Sent sent, int stream, CompletableFuture<?> result) {
        if (sent == Peer.Sent.DROPPED && child.rpc().forget(stream)) {
            result.completeExceptionally(new Gone("main takes no requests"));
        }
    }
}
