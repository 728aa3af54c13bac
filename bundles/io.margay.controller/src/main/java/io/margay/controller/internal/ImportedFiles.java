// SPDX-License-Identifier: Apache-2.0
package io.margay.controller.internal;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.control.ControlApi;
import io.margay.control.ControlPeer;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.RequestHeaders;
import io.margay.log.ErrorLog;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Applies the files of {@code --import} before the control socket answers, each as the request that it stands for
 * ({@code spec/control-api.md §19}): {@code PUT /certificates/NAME}, {@code PUT /js_modules/NAME} and
 * {@code PUT /config}. What one of them cannot do does not stop the next. On the loop's thread only.
 */
final class ImportedFiles {

    private final ControlApi api;
    private final ControlPeer peer;
    private final ErrorLog journal;

    /**
     * Prepares.
     *
     * @param mainPid the process that has read the files, and asks
     */
    ImportedFiles(ControlApi api, int mainPid, ErrorLog journal) {
        this.api = api;
        // Who gives the server its options may do everything.
        this.peer = new ControlPeer.Local(0, 0, mainPid, List.of());
        this.journal = journal;
    }

    /**
     * Applies the files in the order of the map.
     *
     * @param files contents by name, which ends with {@code .pem}, {@code .js} or {@code .json}
     * @return completes on the loop's thread, never with an exception
     */
    CompletionStage<Void> apply(Map<String, byte[]> files) {
        CompletionStage<Void> all = CompletableFuture.completedFuture(null);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            all = all.thenCompose(ignored -> apply(file.getKey(), file.getValue()));
        }
        return all;
    }

    private CompletionStage<Void> apply(String name, byte[] content) {
        return api.handle(new ControlRequest("PUT", target(name), RequestHeaders.NONE, content, peer)).handle(
            (reply, failure) -> {
                if (failure == null && reply.status() == 200) {
                    journal.notice("imported \"" + name + "\"" + text(reply, "warning"));
                } else {
                    journal.error("\"" + name + "\" is not imported:"
                        + (failure == null ? text(reply, "error") + text(reply, "detail") : " " + failure));
                }
                return null;
            });
    }

    private static String target(String name) {
        String base = name.substring(0, name.lastIndexOf('.'));
        return name.endsWith(".pem") ? "/certificates/" + encoded(base)
            : name.endsWith(".js") ? "/js_modules/" + encoded(base) : "/config";
    }

    private static String encoded(String name) {
        StringBuilder path = new StringBuilder();
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            boolean plain = b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '-';
            path.append(plain ? String.valueOf((char) b) : String.format("%%%02X", b));
        }
        return path.toString();
    }

    private static String text(ControlReply reply, String member) {
        try {
            return ((ConfObject) ConfParser.parse(reply.body())).string(member).map(text -> " " + text).orElse("");
        } catch (ConfSyntaxException e) {
            throw new IllegalStateException("a reply that is no JSON: " + e.detail(), e);
        }
    }
}
