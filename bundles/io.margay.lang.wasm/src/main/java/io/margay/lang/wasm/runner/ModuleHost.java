// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.wasm.runner;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.URIUtil;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Jetty with one instance of a module, which serves one request at a time. */
final class ModuleHost extends Handler.Abstract {

    private static final int THREADS = 8;
    private static final long STOP_SECONDS = 5;
    private static final int FACTS = 4;
    private static final int FAILED = 500;
    private static final int HEX = 16;
    /** It must have a name, which is removed with the socket. */
    private static final Path INHERITED = Path.of("/proc/self/fd/none");

    private final Program program;
    private final Server server;
    private final ReentrantLock lock = new ReentrantLock();
    private Running running;

    /** On the socket that the JVM has inherited. */
    ModuleHost(Program program) throws ModuleStartException {
        this(program, INHERITED);
    }

    /** On a socket that is made at that place. */
    ModuleHost(Program program, Path socket) throws ModuleStartException {
        this.program = program;
        running = program.start();
        server = new Server(new QueuedThreadPool(THREADS, 1));
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(false);
        // The server in front has a limit for heads, and has judged the target.
        http.setRequestHeaderSize(ModuleReply.HEAD);
        http.setMaxResponseHeaderSize(2 * ModuleReply.HEAD);
        http.setUriCompliance(UriCompliance.UNSAFE);
        UnixDomainServerConnector connector = new UnixDomainServerConnector(server, 0, 1,
            new HttpConnectionFactory(http));
        connector.setInheritChannel(socket.equals(INHERITED));
        connector.setUnixDomainPath(socket);
        // How long a request may take is said by the server in front.
        connector.setIdleTimeout(0);
        server.addConnector(connector);
        server.setHandler(this);
    }

    void serve() throws Exception {
        server.start();
    }

    /** Tells the module that it ends, unless it is busy for ever. */
    void end() {
        try {
            if (lock.tryLock(STOP_SECONDS, TimeUnit.SECONDS)) {
                running.end();
            }
        } catch (InterruptedException | AbiException e) {
            WasmMain.report(e);
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        lock.lock();
        try {
            handle(request, new ModuleReply(response));
            callback.succeeded();
        } catch (IOException e) {
            callback.failed(new EofException(e));
        } finally {
            lock.unlock();
        }
        return true;
    }

    private void handle(Request request, ModuleReply reply) throws IOException {
        Body body = new Body(Content.Source.asInputStream(request), Math.max(0, request.getLength()));
        try {
            if (running.serve(body, block(request, body.length()), reply)) {
                reply.finish();
            } else {
                reply.fail(FAILED);
            }
        } catch (AbiException e) {
            WasmMain.report(e);
            // Its memory is as the trap left it.
            renew();
            reply.fail(FAILED);
        }
    }

    private void renew() {
        running.discard();
        try {
            running = program.start();
        } catch (ModuleStartException e) {
            WasmMain.report(e);
            Runtime.getRuntime().halt(1);
        }
    }

    private static RequestBlock block(Request request, long length) {
        String told = String.valueOf(request.getHeaders().get(RequestBlock.CLIENT_FIELD));
        String[] facts = told.split(" ", -1);
        if (facts.length != FACTS) {
            facts = new String[] {"http", "", "", ""};
        }
        String query = request.getHttpURI().getQuery();
        List<byte[]> texts = new ArrayList<>();
        texts.add(bytes(request.getMethod()));
        texts.add(bytes(request.getConnectionMetaData().getHttpVersion().asString()));
        texts.add(bytes(path(request.getHttpURI().getPath())));
        texts.add(bytes(query == null ? "" : query));
        for (int i = 1; i < FACTS; i++) {
            // What does not exist.
            texts.add(bytes(facts[i].equals("-") ? "" : facts[i]));
        }
        texts.add(bytes(name(request)));
        List<Map.Entry<String, String>> fields = new ArrayList<>();
        for (HttpField field : request.getHeaders()) {
            if (!field.is(RequestBlock.CLIENT_FIELD)) {
                fields.add(Map.entry(field.getName(), field.getValue() == null ? "" : field.getValue()));
            }
        }
        return new RequestBlock(texts, fields, length, facts[0].equals("https"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String name(Request request) {
        String host = request.getHttpURI().getHost();
        return host == null || host.isEmpty() ? "localhost" : host.toLowerCase(Locale.ROOT);
    }

    /** Decoded and normalised, with a character for each byte. */
    static String path(String raw) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            int high = c == '%' && i + 2 < raw.length() ? Character.digit(raw.charAt(i + 1), HEX) : -1;
            int low = high < 0 ? -1 : Character.digit(raw.charAt(i + 2), HEX);
            if (low >= 0) {
                bytes.write(high * HEX + low);
                i += 2;
            } else {
                bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
            }
        }
        String decoded = bytes.toString(StandardCharsets.ISO_8859_1);
        String normal = URIUtil.normalizePath(URIUtil.compactPath(decoded));
        return normal == null ? "/" : normal;
    }
}
