// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.java.runner;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs a small application and asks it some things, so that the runtime sees which classes the container needs for its
 * start and for a first request. Nothing of anybody's application is there.
 */
public final class ContainerTraining {

    private static final String DESCRIPTOR = """
        <?xml version="1.0" encoding="UTF-8"?>
        <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
          <session-config><session-timeout>5</session-timeout></session-config>
        </web-app>
        """;
    private static final String PAGE = """
        <%@ page contentType="text/html; charset=utf-8" %><html><body>
        <%= request.getMethod() %> ${pageContext.request.requestURI} ${1 + 1} <% session.setAttribute("a", "b"); %>
        </body></html>
        """;
    private static final List<String> TARGETS = List.of("/page.jsp?a=b", "/page.jsp", "/text.txt", "/missing");

    private ContainerTraining() {
    }

    /** Takes no arguments; ends with status 1 when something was not as it should be. */
    public static void main(String[] args) throws Exception {
        ServletMain.properties();
        Path directory = Files.createTempDirectory("margay-training-");
        boolean good;
        try {
            good = run(directory);
        } finally {
            delete(directory);
        }
        System.exit(good ? 0 : 1);
    }

    private static boolean run(Path directory) throws Exception {
        Path hidden = Files.createDirectories(directory.resolve("app/WEB-INF"));
        Files.writeString(hidden.resolve("web.xml"), DESCRIPTOR);
        Files.writeString(hidden.resolveSibling("page.jsp"), PAGE);
        Files.writeString(hidden.resolveSibling("text.txt"), "text");
        Path socket = directory.resolve("socket");
        Container container = new Container(
            RunnerOptions.parse(new String[] {"webapp=" + hidden.getParent(), "threads=1"}), socket);
        container.start();
        boolean good = true;
        for (String target : TARGETS) {
            String answer = ask(socket, target);
            good &= answer.startsWith(target.equals("/missing") ? "HTTP/1.1 404 " : "HTTP/1.1 200 ");
        }
        container.stop();
        return good;
    }

    private static String ask(Path socket, String target) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap(("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + ClientFacts.FIELD
                + ": http 127.0.0.1 127.0.0.1 80\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII)));
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
