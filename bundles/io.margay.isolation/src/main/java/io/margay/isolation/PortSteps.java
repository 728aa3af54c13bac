// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

/**
 * Messages to main and from it (spec/ports.md §4). The sockets may be blocking or not; every wait ends when main does,
 * because its end of the pair is closed then.
 */
final class PortSteps {

    private static final int RPC_READY = 0;
    private static final int RPC_ERROR = 1;
    private static final int QUIT = 22;
    /** The word of the header that has the type in its third byte. */
    private static final int TYPE_WORD = 8;
    private static final int TYPE_SHIFT = 16;
    private static final long TYPE_MASK = 0xff0000;
    private static final String SETTING = "handshake";

    private final String name;
    private final Assembly assembly;

    PortSteps(String name, Assembly assembly) {
        this.name = name;
        this.assembly = assembly;
    }

    /** Says PROCESS_CREATED and waits until main has written maps and cgroup. */
    void created(Handshake handshake) {
        send(handshake.main(), handshake.created(), name + " failed to send CREATED message");
        Draft.Label again = new Draft.Label();
        Draft.Label approved = new Draft.Label();
        Draft.Label quit = new Draft.Label();
        Draft.Label refused = new Draft.Label();
        Arg type = receive(handshake.own(), again, refused);
        look(type, RPC_READY, "RPC_READY", approved);
        look(type, RPC_ERROR, "RPC_ERROR", refused);
        look(type, QUIT, "QUIT", quit);
        assembly.jump(SETTING, again);
        assembly.place(quit);
        assembly.step(SETTING, Failure.alert(""), Call.EXIT_GROUP, Arg.num(0)).anyway();
        assembly.place(refused);
        assembly.step(SETTING, Failure.alert(name + " failed to start"), Call.LOOK,
            new Arg.Num(Assembly.DATA, "nothing"), Arg.num(0)).only(1);
        assembly.place(approved);
    }

    /** Says that everything is done. */
    void ready(Handshake handshake) {
        send(handshake.main(), handshake.ready(), name + " failed to send READY message");
    }

    /** Waits for QUIT or the end of main. */
    void waitForQuit(int own) {
        Draft.Label again = new Draft.Label();
        Draft.Label quit = new Draft.Label();
        look(receive(own, again, quit), QUIT, "QUIT", quit);
        assembly.jump(SETTING, again);
        assembly.place(quit);
        assembly.step(SETTING, Failure.alert(""), Call.EXIT_GROUP, Arg.num(0)).anyway();
    }

    /** A poll structure. */
    Arg poll(int number, short events) {
        byte[] structure = Pool.buffer(8).putInt(number).putShort(events).array();
        String shown = events == Kernel.POLLIN ? "POLLIN" : events == Kernel.POLLOUT ? "POLLOUT" : "0";
        return Arg.bytes(assembly.pool(), structure, "{" + number + ", " + shown + "}");
    }

    private void send(int number, byte[] message, String failure) {
        Draft.Label again = new Draft.Label();
        Draft.Label sent = new Draft.Label();
        assembly.place(again);
        assembly.step(SETTING, Failure.alert(failure), Call.SENDTO, Arg.num(number),
            Arg.bytes(assembly.pool(), message, "&message"), Arg.num(message.length),
            Arg.flags(Kernel.MSG_NOSIGNAL, "MSG_NOSIGNAL"), Arg.none(), Arg.num(0))
            .accept(-Kernel.EAGAIN, "EAGAIN").jumpOnSuccess(sent);
        await(number, Kernel.POLLOUT);
        assembly.jump(SETTING, again);
        assembly.place(sent);
    }

    /** Receives a header and leaves its type in memory; descriptors that come along are dropped by the kernel. */
    private Arg receive(int number, Draft.Label again, Draft.Label gone) {
        byte[] buffer = new byte[64];
        // No type that means anything, for a message that is shorter than a header.
        buffer[TYPE_WORD + TYPE_SHIFT / 8] = (byte) 0xff;
        Pool.Entry entry = assembly.pool().bytes(buffer);
        assembly.place(again);
        await(number, Kernel.POLLIN);
        assembly.step(SETTING, Failure.alert("recv() failed for " + name + " %E"), Call.RECVFROM, Arg.num(number),
            new Arg.Data(entry, "&buffer"), Arg.num(buffer.length), Arg.num(0), Arg.none(), Arg.none())
            .jumpIf(0, "0", gone);
        return new Arg.Data(new Pool.Entry(entry.offset() + TYPE_WORD), "&buffer.type");
    }

    private void look(Arg word, int type, String shown, Draft.Label to) {
        assembly.step(SETTING, Failure.alert(""), Call.LOOK, word, Arg.flags(TYPE_MASK, "0xff0000"))
            .jumpIf((long) type << TYPE_SHIFT, shown, to);
    }

    private void await(int number, short events) {
        assembly.step(SETTING, Failure.alert("poll() failed for " + name + " %E"), Call.PPOLL, poll(number, events),
            Arg.num(1), Arg.none(), Arg.none());
    }
}
