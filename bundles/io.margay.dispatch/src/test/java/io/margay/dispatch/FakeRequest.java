// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.netty.buffer.ByteBuf;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A request whose client is the test. */
public final class FakeRequest {

    /** {@code 200 text}, {@code 503}, {@code cut}. */
    public final CompletableFuture<String> answer = new CompletableFuture<>();
    /** What a pool gets. */
    public final AppRequest request = (AppRequest) Proxy.newProxyInstance(FakeRequest.class.getClassLoader(),
        new Class<?>[] {AppRequest.class}, (proxy, method, arguments) -> call(method.getName(), arguments));
    /** Stages that it has come to. */
    final List<String> marks = new CopyOnWriteArrayList<>();
    private final int fields;
    private final StringBuilder text = new StringBuilder();
    private Optional<Runnable> lost = Optional.empty();

    /** Without header fields. */
    public FakeRequest() {
        this(0);
    }

    FakeRequest(int fields) {
        this.fields = fields;
    }

    private Object call(String method, Object[] arguments) {
        switch (method) {
            case "fieldCount" -> {
                return fields;
            }
            case "isDone" -> {
                return answer.isDone();
            }
            case "isWritable" -> {
                return true;
            }
            case "fail" -> answer.complete(arguments[0].toString());
            case "mark" -> marks.add(arguments[0].toString());
            case "abort" -> answer.complete("cut");
            case "onLost" -> lost = Optional.of((Runnable) arguments[0]);
            case "start" -> {
                text.append(arguments[0]).append(' ');
                return true;
            }
            case "write" -> {
                ByteBuf data = (ByteBuf) arguments[0];
                text.append(data.toString(StandardCharsets.US_ASCII));
                data.release();
                if ((boolean) arguments[1]) {
                    answer.complete(text.toString());
                }
            }
            case "isWatched" -> {
                return false;
            }
            case "flush" -> {
                return null;
            }
            default -> throw new UnsupportedOperationException(method);
        }
        return null;
    }

    /** The client leaves; on the loop. */
    void leave() {
        answer.complete("left");
        lost.ifPresent(Runnable::run);
    }

    /** The answer, soon. */
    public String await() {
        return answer.orTimeout(20, TimeUnit.SECONDS).join();
    }
}
