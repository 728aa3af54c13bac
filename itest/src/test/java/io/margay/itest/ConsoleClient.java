// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Somebody at the unix socket of the web console, who is in as its owner. */
final class ConsoleClient {
    /** Where the console is below its address. */
    static final String ROOT = "/system/console";
    /** The proof of a page that a change is its own. */
    static final Pattern TOKEN = Pattern.compile("data-token=\"([^\"]+)\"");

    private final Path socket;
    private String token = "";

    ConsoleClient(TestServer server) {
        this(server.base().resolve("console.sock"));
    }

    ConsoleClient(Path socket) {
        this.socket = socket;
    }

    /** {@return a server whose console listens, and that knows some languages} */
    static TestServer start(String... languages) throws IOException {
        Path base = TestServer.directory();
        TestServer server = TestServer.speaking(base, List.of("--console", "unix:" + base.resolve("console.sock")),
            languages);
        Await.until("the console listens", () -> Files.exists(base.resolve("console.sock")));
        return server;
    }

    /** Waits until somebody listens at the file of a server that was killed, and answers. */
    void awaitAnswer() {
        Await.until("the console answers", () -> {
            try {
                return json("overview").status() == 200;
            } catch (IOException e) {
                // Not yet.
                return false;
            }
        });
    }

    /** Sends one request; without a field {@code Host} it is for {@code localhost}. */
    Response ask(String method, String path, String body, String... fields) throws IOException {
        try (Http http = Http.unix(socket)) {
            byte[] content = body.getBytes(StandardCharsets.UTF_8);
            http.send(head(method, path, content.length, fields));
            http.send(content);
            return http.response(method.equals("HEAD"));
        }
    }

    private static String head(String method, String path, long length, String... fields) {
        StringBuilder head = new StringBuilder(method + " " + ROOT + path + " HTTP/1.1\r\nConnection: close\r\n");
        boolean host = false;
        for (String field : fields) {
            head.append(field).append("\r\n");
            host |= field.startsWith("Host:");
        }
        return head.append(host ? "" : "Host: localhost\r\n").append("Content-Length: ").append(length)
            .append("\r\n\r\n").toString();
    }

    /** {@return the field that proves a change} */
    String proof() throws IOException {
        if (token.isEmpty()) {
            String page = ask("GET", "/overview", "").text();
            Matcher found = TOKEN.matcher(page);
            if (!found.find()) {
                throw new AssertionError(page);
            }
            token = found.group(1);
        }
        return "X-CSRF-Token: " + token;
    }

    /** {@return what a page shows, or with {@code ?show=...} a detail of it} */
    Response json(String page) throws IOException {
        int query = page.indexOf('?');
        return ask("GET", "/" + (query < 0 ? page + ".json" : page.substring(0, query) + ".json"
            + page.substring(query)), "");
    }

    /** Changes something as the page does. */
    Response order(String page, String order) throws IOException {
        return ask("POST", "/" + page, order, proof());
    }

    /** Sends a jar to a page, whose address may have parameters. */
    Response upload(String page, byte[] jar) throws IOException {
        try (Http http = Http.unix(socket)) {
            http.send(head("POST", "/" + page, jar.length, proof(), "Content-Type: application/java-archive"));
            http.send(jar);
            return http.response(false);
        }
    }

    /** Begins to send a jar, and goes away in the middle. */
    void cut(String page, byte[] jar) throws IOException {
        try (Http http = Http.unix(socket)) {
            http.send(head("POST", "/" + page, jar.length * 2L, proof(), "Content-Type: application/java-archive"));
            http.send(jar);
        }
    }
}
