// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.port.Header;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.NewPort;
import io.margay.port.Peer;
import io.margay.port.Quit;
import io.margay.port.RemovePid;
import io.margay.posix.Fd;
import io.margay.posix.Received;
import io.margay.posix.Sockets;
import io.margay.testing.Lines;
import io.margay.testing.ManualLoop;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A table with main as pid 1 and other processes, whose incoming messages the test reads. */
final class Mates implements AutoCloseable {

    static final int SELF = 1;

    final ManualLoop loop = new ManualLoop();
    final Lines lines = new Lines();
    final ProcessTable table = new ProcessTable(Kinds.stock(), "main", lines);
    final ProcessEntry main = table.add(SELF, "main", "", Optional.empty());
    private final Map<Integer, Fd> ends = new HashMap<>();

    ProcessEntry add(int pid, String kind, ProcessState state, ProcessEntry parent) {
        ProcessType type = table.kinds().get(kind);
        ProcessEntry entry = table.add(pid, type, type.ofApplication() ? "blog" : "", Optional.of(parent));
        Fd[] pair = Sockets.seqpacketPair();
        ends.put(pid, pair[0]);
        table.addPort(entry, 0, Optional.of(new Peer(loop, pair[1], lines, (peer, reason) -> { })));
        if (state != ProcessState.CREATING) {
            entry.created();
        }
        if (state == ProcessState.READY) {
            entry.ready();
        }
        return entry;
    }

    ProcessEntry add(int pid, String type) {
        return add(pid, type, ProcessState.READY, main);
    }

    /** What has arrived at a process, as text. */
    List<String> inbox(int pid) {
        List<String> texts = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(65_536);
            Received received = Sockets.receive(ends.get(pid).number(), memory);
            while (received.length() > 0) {
                ByteBuffer bytes = ByteBuffer.wrap(memory.asSlice(0, received.length())
                    .toArray(ValueLayout.JAVA_BYTE));
                Header header = Header.decode(bytes);
                try (Message message = new Message(header, bytes, received.pid(), 0, 0, received.fds())) {
                    texts.add(text(message));
                }
                received = Sockets.receive(ends.get(pid).number(), memory);
            }
        }
        return texts;
    }

    private static String text(Message message) {
        String fds = message.fdCount() == 0 ? "" : " fds " + message.fdCount();
        String stream = message.stream() == 0 ? "" : " stream " + message.stream();
        return switch (message.type()) {
            case MessageType.QUIT -> "quit " + (Quit.decode(message).graceful() ? "gracefully" : "now");
            case MessageType.REMOVE_PID -> "remove " + RemovePid.decode(message).pid() + stream;
            case MessageType.NEW_PORT -> "new " + NewPort.decode(message).pid() + "." + NewPort.decode(message).id()
                + " type " + NewPort.decode(message).processType() + stream + fds;
            default -> MessageType.name(message.type()) + stream + fds;
        };
    }

    @Override
    public void close() {
        table.all().forEach(table::remove);
        ends.values().forEach(Fd::close);
    }
}
