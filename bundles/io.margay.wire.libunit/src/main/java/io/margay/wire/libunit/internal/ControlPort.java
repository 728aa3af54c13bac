// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import io.margay.engine.FdHandler;
import io.margay.engine.Watch;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.posix.Sockets;
import io.netty.buffer.ByteBuf;
import java.util.Optional;

/**
 * What one process asks the router besides requests, and the ends of its sockets until it has them. To the process it
 * is two ports, the one that hears that it is ready and that of the router ({@code spec/ports.md §1}); here one socket
 * is both. Home loop only.
 */
final class ControlPort implements FdHandler, AutoCloseable {

    private static final int TURN = 64;
    /** More than the socket holds. */
    private static final int LAST_WORDS = 4096;
    /** Contexts that a process may have. */
    private static final int MOST_PORTS = 256;
    private static final int SHARED_PORT = 0xFFFF;

    private final LibunitWorker worker;
    private final PortReader reader;
    private final Fd theirControl;
    private final Fd theirRead;
    private final Fd writing;
    private Optional<Watch> watch = Optional.empty();
    private boolean closed;

    ControlPort(LibunitWorker worker) {
        this.worker = worker;
        Fd[] pair = Sockets.seqpacketPair();
        Fd[] own;
        try {
            own = Sockets.seqpacketPair();
        } catch (PosixException e) {
            pair[0].close();
            pair[1].close();
            throw e;
        }
        reader = new PortReader(pair[0], Optional.empty());
        theirControl = pair[1];
        writing = own[0];
        theirRead = own[1];
    }

    /** What only the process has: where it writes to the router, and where it reads. */
    int[] theirs() {
        return new int[] {theirControl.number(), theirRead.number()};
    }

    /** Where the router writes to the first port of the process. */
    int writing() {
        return writing.number();
    }

    /** The process has them. */
    void closeTheirs() {
        theirControl.close();
        theirRead.close();
    }

    void open() {
        watch = Optional.of(worker.owner().context().home().watch(reader.socket().number(), this, true, false));
    }

    @Override
    public void ready(boolean readable, boolean writable, boolean hangup) {
        read(TURN);
    }

    /** Reads what a dead process has left. */
    void drain() {
        read(LAST_WORDS);
    }

    private void read(int most) {
        try {
            for (int i = 0; i < most && !closed; i++) {
                PortReader.Next next = reader.next();
                if (next == PortReader.Next.END) {
                    // It cannot ask any more, and may well live on with what it has.
                    watch.ifPresent(Watch::cancel);
                    watch = Optional.empty();
                    return;
                }
                if (next != PortReader.Next.MESSAGE) {
                    return;
                }
                worker.heard();
                try {
                    message(MessageBuffer.IN.get().bytes);
                } finally {
                    reader.dropFds();
                }
            }
        } catch (Broken e) {
            worker.lies(e.getMessage());
        } catch (InternalError e) {
            worker.lies("it has cut its memory");
        } catch (PosixException e) {
            // No descriptors are left: without the answer it would wait for ever.
            worker.alert(e.getMessage());
            worker.kill();
        }
    }

    private void message(ByteBuf message) {
        UnitProtocol.check(message);
        int payload = message.writerIndex() - UnitProtocol.HEADER;
        int type = UnitProtocol.type(message);
        if (type == UnitProtocol.PROCESS_READY && payload == 0) {
            ready();
        } else if (!worker.hasAnswered()) {
            throw UnitProtocol.unexpected(message);
        } else if (type == UnitProtocol.GET_PORT && payload == UnitProtocol.GET_PORT_SIZE) {
            port(message);
        } else if (type == UnitProtocol.GET_MMAP && payload == UnitProtocol.GET_MMAP_SIZE) {
            memory(message);
        } else if (type == UnitProtocol.NEW_PORT && payload == UnitProtocol.NEW_PORT_SIZE) {
            context(message);
        } else if (type == UnitProtocol.OOSM && payload == 0) {
            worker.lacksMemory();
        } else {
            throw UnitProtocol.unexpected(message);
        }
    }

    private void ready() {
        int[] fds = reader.takeFds();
        if (fds.length != 1) {
            Descriptors.close(fds);
            throw new Broken("it is ready without the memory of a queue");
        }
        PortQueue queue = PortQueue.foreign(Fd.own(fds[0]));
        worker.answered(new AppPort(writing.duplicate(), queue, worker.owner().context().home()));
    }

    /** It has another context. */
    private void context(ByteBuf message) {
        int[] fds = reader.takeFds();
        int id = message.getUnsignedShortLE(UnitProtocol.HEADER);
        boolean valid = fds.length == 2 && UnitProtocol.isPortOfWorker(message) && id > 0 && id < SHARED_PORT
            && worker.portCount() < MOST_PORTS;
        if (!valid) {
            Descriptors.close(fds);
            throw new Broken("it sent a port " + id + " that it cannot have");
        }
        Fd socket = Fd.own(fds[0]);
        PortQueue queue;
        try (Fd memory = Fd.own(fds[1])) {
            check(socket);
            queue = PortQueue.foreign(memory.duplicate());
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
        worker.addPort(id, new AppPort(socket, queue, worker.owner().context().home()));
    }

    private static void check(Fd socket) {
        try {
            if (Sockets.getOption(socket, Sockets.SOL_SOCKET, Sockets.SO_DOMAIN) == Sockets.AF_UNIX
                && Sockets.getOption(socket, Sockets.SOL_SOCKET, Sockets.SO_TYPE) == Sockets.SOCK_SEQPACKET) {
                return;
            }
        } catch (PosixException e) {
            // ENOTSOCK: refused as well.
        }
        throw new Broken("it sent a port without a socket");
    }

    /** It wants to answer, and does not know where. */
    private void port(ByteBuf message) {
        int id = message.getUnsignedShortLE(UnitProtocol.HEADER);
        int pid = message.getIntLE(UnitProtocol.HEADER + 4);
        if (pid != UnitProtocol.ROUTER || id == 0 || id > worker.owner().lanes().size()) {
            throw new Broken("it asked for the port " + id + " of " + pid);
        }
        AppPort asker = worker.port(UnitProtocol.replyPort(message));
        int[] fds;
        try {
            fds = worker.reply(id - 1).descriptors();
        } catch (IllegalStateException e) {
            throw new Broken("it asked for the port " + id + ", which it has closed");
        }
        MessageBuffer out = MessageBuffer.OUT.get();
        out.bytes.clear();
        UnitProtocol.header(out.bytes, UnitProtocol.stream(message), 0, UnitProtocol.NEW_PORT, true, false);
        UnitProtocol.port(out.bytes, id);
        asker.send(fds);
    }

    /** It was given a request in memory that it does not know yet. */
    private void memory(ByteBuf message) {
        OutSegments.One segment = worker.owner().segment(message.getIntLE(UnitProtocol.HEADER))
            .orElseThrow(() -> new Broken("it asked for memory that does not exist"));
        AppPort asker = worker.port(UnitProtocol.replyPort(message));
        MessageBuffer out = MessageBuffer.OUT.get();
        out.bytes.clear();
        UnitProtocol.header(out.bytes, 0, 0, UnitProtocol.MMAP, true, false);
        asker.send(segment.memory.number());
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            watch.ifPresent(Watch::cancel);
            reader.close();
            closeTheirs();
            writing.close();
        }
    }
}
