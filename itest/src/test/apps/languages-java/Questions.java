// SPDX-License-Identifier: Apache-2.0
package questions;

import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.locks.LockSupport;

/** The questions that the test of all languages asks; each path is one. */
@WebServlet("/*")
public final class Questions extends HttpServlet {
    private static final long serialVersionUID = 1;
    private static final int SIZE = 251 * 256;
    private static final byte[] PATTERN = new byte[SIZE];

    static {
        for (int i = 0; i < SIZE; i++) {
            PATTERN[i] = (byte) (i % 251);
        }
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        String query = request.getQueryString();
        int argument = query == null ? 0 : Integer.parseInt(query);
        switch (request.getPathInfo().substring(1)) {
            case "hello" -> text(response, "Hello world\n");
            case "digest" -> text(response, digest(request.getInputStream()));
            case "bytes" -> pattern(response.getOutputStream(), argument);
            case "sized" -> {
                response.setContentLength(argument);
                pattern(response.getOutputStream(), argument);
            }
            case "pid" -> text(response, pid());
            case "sleep" -> {
                pause(argument);
                text(response, pid());
            }
            case "raise" -> throw new ServletException("raised by the application");
            case "half" -> {
                half(response);
                throw new ServletException("raised after the head");
            }
            case "exit" -> {
                System.err.println("last words");
                System.exit(Integer.parseInt(request.getQueryString()));
            }
            case "killed" -> die();
            case "killedreading" -> {
                request.getInputStream().readNBytes(10);
                die();
            }
            case "killedsending" -> {
                half(response);
                die();
            }
            case "status" -> status(response, argument);
            case "field" -> {
                response.setHeader("X-Long", "x".repeat(argument));
                text(response, "body");
            }
            default -> response.sendError(404);
        }
    }

    private static String pid() {
        return Long.toString(ProcessHandle.current().pid());
    }

    private static void text(HttpServletResponse response, String content) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.US_ASCII);
        response.setContentType("text/plain");
        response.setContentLength(bytes.length);
        response.getOutputStream().write(bytes);
    }

    private static void status(HttpServletResponse response, int status) throws IOException {
        response.setStatus(status);
        if (status != 204) {
            text(response, "body");
        }
    }

    private static String digest(InputStream body) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            long size = 0;
            for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
                digest.update(buffer, 0, n);
                size += n;
            }
            return size + " " + HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IOException(e);
        }
    }

    private static void pattern(OutputStream out, int count) throws IOException {
        for (int left = count; left > 0; left -= SIZE) {
            out.write(PATTERN, 0, Math.min(SIZE, left));
        }
    }

    private static void half(HttpServletResponse response) throws IOException {
        response.setContentType("text/plain");
        response.getOutputStream().print("some bytes");
        response.flushBuffer();
    }

    private static void pause(long millis) {
        long end = System.nanoTime() + millis * 1_000_000;
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static void die() throws IOException {
        System.err.println("last words");
        new ProcessBuilder("kill", "-KILL", pid()).start();
        pause(60_000);
    }
}
