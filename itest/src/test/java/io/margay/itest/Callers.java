// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/**
 * Clients of several sorts that ask until they are stopped. Each failure is counted by its class; a connection that
 * ends behind a response that said so is none. They take all that the machine can give until {@link #gently}.
 */
final class Callers implements AutoCloseable {

    /** One sort of client. */
    @FunctionalInterface
    interface Call {

        /**
         * Asks once or more, usually on one connection, and returns when that connection is at its end.
         *
         * @param answers counts each good answer
         * @return what was wrong, or empty
         */
        String ask(Answers answers) throws IOException;
    }

    /** Counts answers, and tells whether to go on. */
    interface Answers {

        /** A good one. */
        void good();

        /** {@return whether there is more to ask} */
        boolean more();
    }

    /** All classes of failure, in the order of the transcript. */
    private static final List<String> CLASSES = List.of("refused", "reset", "cut", "timeout", "write error", "5xx",
        "wrong answer", "other");
    /** What was wrong begins with the status. */
    private static final Pattern SERVER_FAULT = Pattern.compile("^(HTTP/1\\.1|status) 5");
    private static final long PAUSE_NANOS = 5_000_000;
    private static final long GENTLE_NANOS = 20_000_000;

    private final List<Thread> threads = new ArrayList<>();
    private final Map<String, AtomicLong> answers = new TreeMap<>();
    private final Map<String, AtomicLong> failures = new ConcurrentHashMap<>();
    private final Map<String, String> examples = new ConcurrentHashMap<>();
    private volatile boolean stopping;
    private volatile boolean pausing;

    /** Adds clients of one sort, which begin at once. */
    Callers with(String sort, int count, Call call) {
        AtomicLong good = answers.computeIfAbsent(sort, name -> new AtomicLong());
        for (int i = 0; i < count; i++) {
            threads.add(Thread.ofPlatform().daemon().start(() -> run(sort, good, call)));
        }
        return this;
    }

    private void run(String sort, AtomicLong good, Call call) {
        Answers counter = new Answers() {
            @Override
            public void good() {
                good.incrementAndGet();
            }

            @Override
            public boolean more() {
                breathe();
                return !stopping;
            }
        };
        while (!stopping) {
            try {
                String wrong = call.ask(counter);
                if (!wrong.isEmpty()) {
                    fail(sort, SERVER_FAULT.matcher(wrong).find() ? "5xx" : "wrong answer", wrong);
                }
                breathe();
            } catch (ConnectException e) {
                fail(sort, "refused", e.toString());
            } catch (SocketTimeoutException e) {
                fail(sort, "timeout", e.toString());
            } catch (IOException e) {
                String text = String.valueOf(e.getMessage());
                fail(sort, text.contains("reset") ? "reset" : text.contains("pipe") ? "write error"
                    : text.contains("ended") ? "cut" : "other", e.toString());
            }
        }
    }

    private void breathe() {
        if (pausing) {
            LockSupport.parkNanos(GENTLE_NANOS);
        }
    }

    /**
     * Has the clients pause between two requests from now on. What is served meanwhile is of the same sorts, and the
     * processes that come and go have the time for it.
     */
    void gently() {
        pausing = true;
    }

    private void fail(String sort, String kind, String example) {
        failures.computeIfAbsent(kind, name -> new AtomicLong()).incrementAndGet();
        examples.putIfAbsent(kind, sort + ": " + example);
        LockSupport.parkNanos(PAUSE_NANOS);
    }

    /** Asks on one connection until a response says that it ends. */
    static String keepAlive(Http http, String request, String body, Answers answers) throws IOException {
        try (http) {
            while (answers.more()) {
                Response response = http.exchange(request);
                if (response.status() != 200) {
                    return response.statusLine();
                }
                if (!response.text().equals(body)) {
                    return response.text().length() + " characters of body";
                }
                answers.good();
                if (response.header("Connection").orElse("").equalsIgnoreCase("close")) {
                    return "";
                }
            }
            return "";
        }
    }

    /** Waits until each sort has had more good answers. */
    void awaitMore(int count) {
        Map<String, Long> before = new TreeMap<>();
        answers.forEach((sort, good) -> before.put(sort, good.get()));
        Await.until(count + " more answers for each; so far " + answers + ", failures " + failures + examples, () ->
            answers.entrySet().stream().allMatch(entry ->
                entry.getValue().get() >= before.get(entry.getKey()) + count));
    }

    /** {@return the number of failures of each class, with an example, after all clients stopped; empty for none} */
    Map<String, String> stop() {
        close();
        Map<String, String> all = new TreeMap<>();
        failures.forEach((kind, count) -> all.put(kind, count + " times, as " + examples.get(kind)));
        return all;
    }

    /** {@return what each sort was answered, and how often each class of failure was seen} */
    String transcript() {
        StringBuilder text = new StringBuilder();
        answers.forEach((sort, good) -> text.append("%-12s %,8d answered%n".formatted(sort, good.get())));
        for (String kind : CLASSES) {
            AtomicLong count = failures.get(kind);
            text.append("%-12s %,8d%n".formatted(kind, count == null ? 0 : count.get()));
        }
        return text.toString();
    }

    @Override
    public void close() {
        stopping = true;
        Await.until("the clients stop", () -> threads.stream().noneMatch(Thread::isAlive));
    }
}
