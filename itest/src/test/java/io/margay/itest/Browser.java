// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Debian's Chromium without a screen, driven over its DevTools protocol. One page, one thread at a time. */
final class Browser implements AutoCloseable, WebSocket.Listener {
    private static final Path PROGRAM = Path.of("/usr/bin/chromium");
    private static final long ANSWER_SECONDS = 180;

    private final Path directory;
    private final Process process;
    private final WebSocket socket;
    private final HttpClient client = HttpClient.newHttpClient();
    private final Map<Integer, CompletableFuture<JsonObject>> waiting = new ConcurrentHashMap<>();
    /** What scripts of pages have thrown and nobody caught, since the last look. */
    private final List<String> faults = new CopyOnWriteArrayList<>();
    private final StringBuilder message = new StringBuilder();
    private int last;

    private Browser(Path directory, Process process) throws IOException {
        this.directory = directory;
        this.process = process;
        Path port = directory.resolve("DevToolsActivePort");
        Await.until("Chromium tells its port", Duration.ofSeconds(60), () -> Files.exists(port)
            && Files.readAllLines(port).size() > 1);
        String base = "http://127.0.0.1:" + Files.readAllLines(port).getFirst();
        URI page = Await.value("Chromium has a page", Duration.ofSeconds(60), () -> {
            HttpResponse<String> list = client.send(HttpRequest.newBuilder(URI.create(base + "/json/list")).build(),
                HttpResponse.BodyHandlers.ofString());
            for (JsonElement entry : JsonParser.parseString(list.body()).getAsJsonArray()) {
                if (entry.getAsJsonObject().get("type").getAsString().equals("page")) {
                    return Optional.of(URI.create(entry.getAsJsonObject().get("webSocketDebuggerUrl").getAsString()));
                }
            }
            return Optional.empty();
        });
        this.socket = client.newWebSocketBuilder().buildAsync(page, this).join();
        call("Page.enable");
        call("Runtime.enable");
    }

    static boolean isThere() {
        return Files.isExecutable(PROGRAM);
    }

    static Browser start() throws IOException {
        Path directory = Files.createTempDirectory("margay-browser-");
        Process process = new ProcessBuilder(PROGRAM.toString(), "--headless=new", "--no-sandbox", "--disable-gpu",
            "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions", "--disable-background-networking",
            "--disable-component-update", "--disable-default-apps", "--disable-sync", "--remote-debugging-port=0",
            "--remote-allow-origins=*", "--lang=en", "--user-data-dir=" + directory, "about:blank")
            .redirectErrorStream(true).redirectOutput(directory.resolve("output").toFile()).start();
        try {
            return new Browser(directory, process);
        } catch (IOException | RuntimeException | AssertionError e) {
            process.destroyForcibly();
            throw e;
        }
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean whole) {
        message.append(data);
        if (whole) {
            JsonObject reply = JsonParser.parseString(message.toString()).getAsJsonObject();
            message.setLength(0);
            if (reply.has("id")) {
                waiting.remove(reply.get("id").getAsInt()).complete(reply);
            } else if (reply.get("method").getAsString().equals("Runtime.exceptionThrown")) {
                faults.add(reply.get("params").toString());
            }
        }
        from.request(1);
        return null;
    }

    /** Calls a method; parameters are names and values in turn. */
    JsonObject call(String method, Object... parameters) {
        JsonObject arguments = new JsonObject();
        for (int i = 0; i < parameters.length; i += 2) {
            String name = (String) parameters[i];
            switch (parameters[i + 1]) {
                case Boolean flag -> arguments.addProperty(name, flag);
                case Number number -> arguments.addProperty(name, number);
                case JsonElement element -> arguments.add(name, element);
                case Object text -> arguments.addProperty(name, text.toString());
            }
        }
        JsonObject order = new JsonObject();
        order.addProperty("id", ++last);
        order.addProperty("method", method);
        order.add("params", arguments);
        CompletableFuture<JsonObject> reply = new CompletableFuture<>();
        waiting.put(last, reply);
        socket.sendText(order.toString(), true).join();
        JsonObject answer = reply.orTimeout(ANSWER_SECONDS, TimeUnit.SECONDS).join();
        if (answer.has("error")) {
            throw new AssertionError(method + ": " + answer.get("error"));
        }
        return answer.getAsJsonObject("result");
    }

    /** {@return the value of an expression, or of the promise that it is; its text form} */
    String run(String script) {
        JsonObject result = call("Runtime.evaluate", "expression", script, "awaitPromise", true, "returnByValue", true);
        if (result.has("exceptionDetails")) {
            throw new AssertionError(script + ": " + result.get("exceptionDetails"));
        }
        JsonElement value = result.getAsJsonObject("result").get("value");
        return value == null ? "undefined" : value.isJsonPrimitive() ? value.getAsString() : value.toString();
    }

    /** Goes to an address and waits for the page to be there. */
    void open(String address) {
        run("document.documentElement.dataset.before = 1");
        call("Page.navigate", "url", address);
        await("!document.documentElement.dataset.before && document.readyState === 'complete'");
    }

    /** Waits until a condition holds in the page. */
    void await(String condition) {
        Await.until(condition + " at " + run("location.href"), () -> run("String(" + condition + ")").equals("true"));
    }

    /** {@return what scripts have thrown since the last look} */
    List<String> faults() {
        List<String> all = List.copyOf(faults);
        faults.clear();
        return all;
    }

    /** Chooses a file in a field of a form, as a person does in a dialogue. */
    void file(String selector, Path file) {
        int root = call("DOM.getDocument").getAsJsonObject("root").get("nodeId").getAsInt();
        com.google.gson.JsonArray files = new com.google.gson.JsonArray();
        files.add(file.toString());
        call("DOM.setFileInputFiles", "files", files, "nodeId", call("DOM.querySelector", "nodeId", root, "selector",
            selector).get("nodeId"));
    }

    /** Presses a key by its name. */
    void key(String key) {
        int code = key.equals("Tab") ? 9 : 13;
        for (String type : new String[] {"keyDown", "keyUp"}) {
            call("Input.dispatchKeyEvent", "type", type, "key", key, "code", key, "windowsVirtualKeyCode", code);
        }
    }

    void dark(boolean dark) {
        JsonObject feature = new JsonObject();
        feature.addProperty("name", "prefers-color-scheme");
        feature.addProperty("value", dark ? "dark" : "light");
        com.google.gson.JsonArray features = new com.google.gson.JsonArray();
        features.add(feature);
        call("Emulation.setEmulatedMedia", "features", features);
    }

    void size(int width, int height) {
        call("Emulation.setDeviceMetricsOverride", "width", width, "height", height, "deviceScaleFactor", 1,
            "mobile", width < 600);
    }

    /** {@return the picture of the page as PNG} */
    byte[] picture() {
        return Base64.getDecoder().decode(call("Page.captureScreenshot", "format", "png").get("data").getAsString());
    }

    @Override
    public void close() throws IOException {
        socket.abort();
        client.shutdownNow();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        Await.until("Chromium is gone", () -> !process.isAlive());
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
