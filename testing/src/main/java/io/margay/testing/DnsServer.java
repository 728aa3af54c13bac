// SPDX-License-Identifier: Apache-2.0
package io.margay.testing;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A name server on a loopback port, by UDP and TCP, that knows what a test tells it. Names end without a dot. */
public final class DnsServer implements AutoCloseable {
    private static final int A = 1;
    private static final int CNAME = 5;
    private static final int AAAA = 28;
    private static final int SERVFAIL = 2;
    private static final int NXDOMAIN = 3;
    private static final int LONGEST = 512;

    private final DatagramSocket datagrams;
    private final ServerSocket streams;
    private final Map<String, List<Entry>> entries = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile boolean failing;
    private volatile boolean silent;

    private record Entry(int type, long seconds, byte[] data) {
    }

    private DnsServer(DatagramSocket datagrams, ServerSocket streams) {
        this.datagrams = datagrams;
        this.streams = streams;
    }

    /** Starts one that knows nothing. */
    public static DnsServer start() throws IOException {
        InetAddress local = InetAddress.ofLiteral("127.0.0.1");
        ServerSocket streams = new ServerSocket(0, 0, local);
        DnsServer server = new DnsServer(new DatagramSocket(new InetSocketAddress(local, streams.getLocalPort())),
            streams);
        Thread.ofPlatform().daemon().start(server::serveDatagrams);
        Thread.ofPlatform().daemon().start(server::serveStreams);
        return server;
    }

    /** {@return where it listens} */
    public InetSocketAddress address() {
        return (InetSocketAddress) datagrams.getLocalSocketAddress();
    }

    /** From now on a name has these addresses, of both families, for so many seconds. */
    public void knows(String name, long seconds, String... addresses) {
        entries.put(name, Arrays.stream(addresses).map(text -> InetAddress.ofLiteral(text).getAddress())
            .map(data -> new Entry(data.length == 4 ? A : AAAA, seconds, data)).toList());
    }

    /** From now on a name is another one. */
    public void alias(String name, long seconds, String other) {
        entries.put(name, List.of(new Entry(CNAME, seconds, encode(other))));
    }

    /** Whether all questions are answered with a failure of the server. */
    public void fails(boolean on) {
        failing = on;
    }

    /** Whether it says nothing at all. */
    public void silent(boolean on) {
        silent = on;
    }

    /** {@return the names asked for, each with {@code A}, {@code AAAA} or the number of the type, and {@code TCP}} */
    public List<String> asked() {
        return List.copyOf(asked);
    }

    private void serveDatagrams() {
        byte[] room = new byte[LONGEST];
        while (true) {
            try {
                DatagramPacket packet = new DatagramPacket(room, room.length);
                datagrams.receive(packet);
                byte[] answer = answer(Arrays.copyOf(room, packet.getLength()), "");
                if (answer.length > LONGEST) {
                    answer = Arrays.copyOf(answer, questionEnd(answer));
                    // Cut: no answers in it.
                    answer[2] |= 2;
                    Arrays.fill(answer, 6, 8, (byte) 0);
                }
                if (!silent) {
                    datagrams.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            } catch (SocketException e) {
                return;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void serveStreams() {
        while (true) {
            try (Socket socket = streams.accept()) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                byte[] answer = answer(in.readNBytes(in.readUnsignedShort()), " TCP");
                DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                out.writeShort(answer.length);
                out.write(answer);
            } catch (IOException e) {
                if (streams.isClosed()) {
                    return;
                }
            }
        }
    }

    private static int questionEnd(byte[] message) {
        int at = 12;
        while (message[at] != 0) {
            at += 1 + message[at];
        }
        return at + 5;
    }

    private byte[] answer(byte[] question, String how) throws IOException {
        int end = questionEnd(question);
        StringBuilder name = new StringBuilder();
        for (int at = 12; question[at] != 0; at += 1 + question[at]) {
            name.append(name.isEmpty() ? "" : ".")
                .append(new String(question, at + 1, question[at], StandardCharsets.ISO_8859_1));
        }
        int type = question[end - 3] & 0xff;
        String text = name.toString().toLowerCase(Locale.ROOT);
        asked.add(text + (type == A ? " A" : type == AAAA ? " AAAA" : " " + type) + how);
        List<Entry> known = entries.get(text);
        List<byte[]> records = new ArrayList<>();
        String owner = text;
        while (known != null && known.size() == 1 && known.getFirst().type() == CNAME) {
            records.add(record(owner, known.getFirst()));
            owner = decode(known.getFirst().data());
            known = entries.get(owner);
        }
        for (Entry each : known == null ? List.<Entry>of() : known) {
            if (each.type() == type) {
                records.add(record(owner, each));
            }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(question, 0, 2);
        out.writeShort(0x8180 | (failing ? SERVFAIL : known == null ? NXDOMAIN : 0));
        out.writeShort(1);
        out.writeShort(failing ? 0 : records.size());
        out.writeInt(0);
        out.write(question, 12, end - 12);
        for (byte[] record : failing ? List.<byte[]>of() : records) {
            out.write(record);
        }
        return bytes.toByteArray();
    }

    private static byte[] record(String owner, Entry entry) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(encode(owner));
        out.writeShort(entry.type());
        out.writeShort(1);
        out.writeInt((int) entry.seconds());
        out.writeShort(entry.data().length);
        out.write(entry.data());
        return bytes.toByteArray();
    }

    private static byte[] encode(String name) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String label : name.split("\\.")) {
            bytes.write(label.length());
            bytes.writeBytes(label.getBytes(StandardCharsets.ISO_8859_1));
        }
        bytes.write(0);
        return bytes.toByteArray();
    }

    private static String decode(byte[] data) {
        List<String> labels = new ArrayList<>();
        for (int at = 0; data[at] != 0; at += 1 + data[at]) {
            labels.add(new String(data, at + 1, data[at], StandardCharsets.ISO_8859_1));
        }
        return String.join(".", labels);
    }

    @Override
    public void close() throws IOException {
        datagrams.close();
        streams.close();
    }
}
