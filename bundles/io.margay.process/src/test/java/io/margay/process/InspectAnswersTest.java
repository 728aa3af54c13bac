// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.engine.EventLoops;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.Peer;
import io.margay.port.Port;
import io.margay.port.ReceiveBuffer;
import io.margay.posix.Fd;
import io.margay.posix.Sockets;
import io.margay.testing.Lines;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class InspectAnswersTest {
    private final Lines lines = new Lines();
    private final EventLoops loops = EventLoops.create("inspect", 1, failure -> lines.alert("loop " + failure));
    private final BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
    private final InspectAnswers answers = new InspectAnswers(InspectAnswersTest::shown, 7);
    private Peer peer;

    private static Optional<Conf> shown(String name) {
        return switch (name) {
            case "" -> Optional.of(Conf.of("names"));
            case "long" -> Optional.of(ConfObject.builder().put("x", "y".repeat(InspectAnswers.MAX_SIZE)).build());
            default -> Optional.empty();
        };
    }

    @BeforeEach
    void begin() {
        Fd[] pair = Sockets.seqpacketPair();
        Port.Handler handler = new Port.Handler() {
            @Override
            public void message(Port port, Message message) {
                arrived.add(MessageType.name(message.type()) + " " + message.stream() + " "
                    + (message.type() == MessageType.RPC_READY ? new String(LargePayload.receive(message, "test",
                        InspectAnswers.MAX_SIZE), StandardCharsets.UTF_8) : message.text()));
            }

            @Override
            public void failed(Port port, String reason) {
                arrived.add(reason);
            }
        };
        CompletableFuture.runAsync(() -> {
            Port.open(loops.loop(0), pair[0], new ReceiveBuffer(), Port.Limits.DEFAULT, handler, lines);
            peer = new Peer(loops.loop(0), pair[1], lines, (gone, reason) -> arrived.add(reason));
        }, loops.loop(0)).join();
    }

    @AfterEach
    void end() {
        CompletableFuture.runAsync(() -> peer.close(), loops.loop(0)).join();
        loops.close();
    }

    private String ask(String name) throws InterruptedException {
        CompletableFuture.runAsync(() -> {
            try (Message message = new Message(Header.last(MessageType.INSPECT, 9, 1),
                ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8)), 1, 0, 0, new int[0])) {
                answers.answer(message, peer);
            }
        }, loops.loop(0)).join();
        return arrived.poll(20, TimeUnit.SECONDS);
    }

    @Test
    void whatThereIsIsShownWithinItsBound() throws InterruptedException {
        assertEquals("RPC_READY 9 \"names\"", ask(""));
        assertEquals("RPC_READY 9 {\"error\":\"this is longer than 1048576 bytes\"}", ask("long"));
        assertEquals("RPC_ERROR 9 no inspector of this name", ask("nothing"));
        assertEquals("RPC_ERROR 9 no inspector of this name", ask("x".repeat(5_000)));
    }
}
