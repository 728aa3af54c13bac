// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Port;
import io.margay.port.ReceiveBuffer;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.osgi.framework.launch.Framework;

/** A router or controller as far as extensions go: a framework of its own, and a receiver for what main says. */
final class FakeProcess implements AutoCloseable {

    final Framework framework;
    final ModuleReceiver receiver;
    /** What it heard, in short. */
    final List<String> heard = new CopyOnWriteArrayList<>();
    /** Why it does not take the next change; empty when it does. */
    volatile String refusal = "";
    /** JSON list of who uses what is to go. */
    volatile String users = "[]";
    /** Whether something of the old configuration still works with what does not count any more. */
    volatile boolean inUse;
    private final ModuleStage stage;
    private final int pid;
    private final Port port;

    FakeProcess(ModuleStage stage, int pid, Fd end, Framework framework,
            Function<ExtensionKind, ExtensionKind.Use> use) {
        this.stage = stage;
        this.pid = pid;
        this.framework = framework;
        this.receiver = new ModuleReceiver(stage.loop, framework.getBundleContext(), use)
            .keep(revision -> inUse, this::released);
        this.port = Port.open(stage.loop, end, new ReceiveBuffer(), new Port.Limits(3, 64), new Port.Handler() {
            @Override
            public void message(Port from, Message message) {
                take(message);
            }

            @Override
            public void failed(Port from, String reason) {
                stage.lines.alert(reason);
            }
        }, stage.lines);
    }

    /** Only the router tells main. */
    private void released(int revision) {
        if (pid == ModuleStage.ROUTER) {
            stage.released(revision);
        }
    }

    private void take(Message message) {
        int stream = message.stream();
        try {
            switch (message.type()) {
                case MessageType.MODULE -> receiver.install(message).whenComplete((done, failure) -> {
                    heard.add("MODULE " + (failure == null ? "ok" : failure.getMessage()));
                    answer(stream, failure == null ? "" : failure.getMessage());
                });
                case MessageType.MODULES -> {
                    ModuleReceiver.Change change = receiver.change(message);
                    heard.add("MODULES " + change.revisions() + (refusal.isEmpty() ? "" : " refused"));
                    if (refusal.isEmpty()) {
                        receiver.commit(change);
                        receiver.sweep();
                    }
                    answer(stream, refusal);
                    refusal = "";
                }
                case MessageType.MODULE_USERS -> {
                    heard.add("USERS " + ModuleReceiver.Question.of(message).readers());
                    byte[] json = users.getBytes(StandardCharsets.UTF_8);
                    dispatch(MessageType.RPC_READY, stream, LargePayload.length(json.length),
                        Files.sealedMemory("users", json));
                }
                default -> heard.add(MessageType.name(message.type()));
            }
        } catch (PayloadException e) {
            answer(stream, e.getMessage());
        }
    }

    private void answer(int stream, String failure) {
        dispatch(failure.isEmpty() ? MessageType.RPC_READY : MessageType.RPC_ERROR, stream,
            failure.getBytes(StandardCharsets.UTF_8));
    }

    private void dispatch(int type, int stream, byte[] payload, Fd... fds) {
        int[] numbers = new int[fds.length];
        for (int i = 0; i < fds.length; i++) {
            numbers[i] = fds[i].release();
        }
        try (Message message = new Message(Header.last(type, stream, pid), ByteBuffer.wrap(payload), pid, 0, 0,
                numbers)) {
            stage.rpc.dispatch(message);
        }
    }

    /** Bundles besides the framework. */
    int bundles() {
        return framework.getBundleContext().getBundles().length - 1;
    }

    @Override
    public void close() {
        stage.call(() -> {
            port.close();
            return 0;
        });
        Jars.stop(framework);
    }
}
