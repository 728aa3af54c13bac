// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.port.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.testing.Await;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What WSGI applications see and do ({@code spec/languages.md §9}), with the real interpreter. */
class WsgiTest {

    private static TestMain main;

    @BeforeAll
    static void start() {
        main = new TestMain(2);
        main.pool("").start().toCompletableFuture().join();
    }

    @AfterAll
    static void stop() {
        main.close();
    }

    @Test
    void saysHello() {
        TestRequest.Answer answer = main.get("/hello");
        assertEquals(200, answer.status());
        assertEquals("Content-Type: text/plain\r\nContent-Length: 12\r\n", answer.fields());
        assertEquals("Hello world\n", answer.text());
    }

    @Test
    void makesTheEnviron() throws Exception {
        TestRequest request = new TestRequest("/environ?a=%20b").field("Host", "localhost:8080")
            .field("X-One", "1").field("Accept", "a").field("x-one", "2").field("X-Latin", "\u00e9")
            .field("Content-Type", "text/x");
        request.tls = true;
        String text = main.send(request).await().text();
        ConfObject environ = (ConfObject) ConfParser.parse(text.getBytes(StandardCharsets.UTF_8));
        String[][] expected = {
            {"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/environ?a=%20b"}, {"PATH_INFO", "/environ"},
            {"QUERY_STRING", "a=%20b"}, {"SERVER_PROTOCOL", "HTTP/1.1"}, {"REMOTE_ADDR", "127.0.0.2"},
            {"SERVER_ADDR", "127.0.0.1"}, {"SERVER_PORT", "8080"}, {"SERVER_NAME", "localhost"},
            {"SERVER_SOFTWARE", "Unit/1.35.0"}, {"HTTP_HOST", "localhost:8080"}, {"HTTP_X_ONE", "1, 2"},
            {"HTTP_ACCEPT", "a"}, {"HTTP_X_LATIN", "\u00e9"}, {"CONTENT_TYPE", "text/x"},
            {"CONTENT_TYPE", "text/x"}, {"wsgi.url_scheme", "https"}, {"wsgi.errors", "TextIOWrapper"},
            {"wsgi.input", "Input"}};
        for (String[] pair : expected) {
            assertEquals(Optional.of(pair[1]), environ.string(pair[0]), pair[0]);
        }
        assertEquals(expected.length + 4, environ.size(), text);
        assertTrue(text.contains("\"wsgi.multithread\": false, \"wsgi.multiprocess\": true, "
            + "\"wsgi.run_once\": false"), text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', quoteCharacter = '"', value = {
        "all!one~two~three", "minus!one~two~three", "none!one~two~three", "some!one~|two~|three|",
        "line!one~|tw|o~", "lines!one~|two~|three", "hint!one~|two~|three", "iterate!one~|two~|three",
        "badread!ValueError: the read body size cannot be zero or less",
        "badline!ValueError: the read line size cannot be zero or less",
        "many!TypeError: invalid number of arguments", "nothing!\"\""})
    void readsTheBody(String call, String expected) throws Exception {
        byte[] body = "one\ntwo\nthree".getBytes(StandardCharsets.US_ASCII);
        assertEquals(expected.replace('~', '\n'),
            main.send(new TestRequest("/read?" + call).body(body)).await().text());
        TestRequest spooled = new TestRequest("/read?" + call);
        spooled.length = body.length;
        try (Fd file = Files.sealedMemory("body", body)) {
            spooled.file = Optional.of(file);
            assertEquals(expected.replace('~', '\n'), main.send(spooled).await().text());
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "60000", "65536", "70000", "20000000"})
    void takesBodiesOfAnySize(int size) throws Exception {
        byte[] body = new byte[size];
        new Random(size).nextBytes(body);
        String expected = size + " " + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        assertEquals(expected, main.send(new TestRequest("/digest").body(body)).await().text());
    }

    @Test
    void refusesCallsOutsideOfARequest() {
        main.get("/later");
        Await.until("the thread has tried", () -> main.errors().contains("tried"));
        assertEquals("RuntimeError: wsgi.input.read() is called outside of WSGI request processing\n"
            + "RuntimeError: wsgi.input.readline() is called outside of WSGI request processing\n"
            + "RuntimeError: start_response() is called outside of WSGI request processing",
            main.get("/texts").text());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "int!400!TypeError: failed to write first argument (not a string?)",
        "nonumber!400!TypeError: failed to parse status code", "bytes!201!fine",
        "one!400!TypeError: invalid number of arguments", "four!400!TypeError: invalid number of arguments",
        "tuple!400!TypeError: the second argument is not a response headers list",
        "lists!400!TypeError: the response headers must be a list of tuples",
        "three!400!TypeError: each header must be a tuple of two items",
        "name!400!TypeError: header #1 name is not a string", "value!400!TypeError: header #1 value is not a string",
        "listvalue!400!TypeError: header #0 value is not a string",
        "wide!400!TypeError: header #0 value is not a string",
        "split!400!ValueError: header #0 value contains a control character", "again!202!fine",
        "huge!200!fine"})
    void checksStartResponse(String arguments, int status, String text) {
        TestRequest.Answer answer = main.get("/start?" + arguments);
        assertEquals(text, answer.text());
        assertEquals(status, answer.status());
    }

    @Test
    void keepsTheHeadOnceItIsSent() {
        assertEquals("sent,RuntimeError('failed to allocate response object'),ValueError('original')",
            main.get("/again").text());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "raise!503!true!Python failed to call the application", "nostart!503!true!did not call start_response()",
        "over!503!true!content length 3 exceeded", "none!503!true!TypeError: 'NoneType' object is not iterable",
        "text!503!true!the application returned not a bytestring object",
        "badclose!200!true!Python failed to call the close() method of the application response",
        "iterate!503!true!Python failed to iterate over the application response object",
        "middle!200!false!Python failed to iterate over the application response object",
        "nothing!200!true!prototype started", "empty!200!true!prototype started"})
    void survivesBrokenApplications(String kind, int status, boolean complete, String log) {
        TestRequest.Answer answer = main.get("/wrong?" + kind);
        assertEquals(status, answer.status());
        assertEquals(complete, answer.complete());
        assertTrue(main.errors().contains(log), main.errors());
        assertEquals(1, main.pool.status().running());
    }

    /** As who counts them by grep expects: no request is left out, and none has two. */
    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {"none!TypeError: 'NoneType' object is not iterable",
        "raise!Python failed to call the application",
        "iterate!Python failed to iterate over the application response object"})
    void eachFailureIsLoggedOnceARequest(String kind, String line) {
        int before = count(line);
        for (int i = 1; i <= 3; i++) {
            assertEquals(503, main.get("/wrong?" + kind).status());
            assertEquals(before + i, count(line), main.errors());
        }
    }

    private int count(String line) {
        return main.errors().split(Pattern.quote(line), -1).length - 1;
    }

    @ParameterizedTest
    @CsvSource({"0,''", "3,abc", "6,abcdef", "9,abcdefghi", "12,abcdefghi", "x,abcdefghi"})
    void stopsAtTheDeclaredLength(String declared, String body) {
        TestRequest.Answer answer = main.get("/length?" + declared);
        assertEquals(body, answer.text());
        assertEquals("Content-Length: " + declared + "\r\n", answer.fields());
    }

    @Test
    void sendsPartByPart() {
        assertEquals("0,1,2,3,4,", main.get("/stream").text());
        assertEquals("one,two,three", main.get("/writes").text());
        assertEquals(3_000_000, main.get("/big").body().length);
        int closed = Integer.parseInt(main.get("/closing").text());
        assertEquals(closed + 1, Integer.parseInt(main.get("/closing").text()));
    }

    @Test
    void namesItsProcesses() throws Exception {
        String pid = main.get("/pid").text();
        String line = new String(java.nio.file.Files.readAllBytes(Path.of("/proc/" + pid + "/cmdline")),
            StandardCharsets.UTF_8);
        assertEquals("unit: \"test\" application", line.replace("\0", ""));
        assertFalse(main.errors().contains("Traceback (most recent call last):\n  File \"<margay>\", line 1,"));
    }
}
