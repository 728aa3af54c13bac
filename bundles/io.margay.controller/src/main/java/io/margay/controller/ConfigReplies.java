// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.control.ControlReply;
import io.margay.schema.Problem;
import java.util.Optional;

/** Replies to a configuration that is refused ({@code spec/configuration.md §1.3, §3}). */
final class ConfigReplies {

    private ConfigReplies() {
    }

    static ControlReply invalidJson(ConfSyntaxException e) {
        ConfObject.Builder location = ConfObject.builder().put("offset", e.offset());
        if (e.line() > 0) {
            location.put("line", e.line()).put("column", e.column());
        }
        return new ControlReply(400, ConfWriter.pretty(ConfObject.builder().put("error", "Invalid JSON.")
            .put("detail", e.detail()).put("location", location.build()).build()));
    }

    static ControlReply invalidConfiguration(String detail) {
        return invalidConfiguration(new Problem(detail, ConfPointer.ROOT, Optional.empty()));
    }

    static ControlReply notApplied(String reason) {
        return reason.isEmpty() ? ControlReply.error(500, "Failed to apply new configuration.")
            : ControlReply.error(500, "Failed to apply new configuration.", reason);
    }

    /** What the router refused. */
    static ControlReply notApplied(Applied applied) {
        return applied.problem().map(ConfigReplies::invalidConfiguration)
            .orElseGet(() -> notApplied(applied.reason()));
    }

    static ControlReply invalidConfiguration(Problem problem) {
        ConfObject.Builder reply = ConfObject.builder().put("error", "Invalid configuration.")
            .put("detail", problem.detail())
            .put("location", ConfObject.builder().put("path", problem.path().toString()).build());
        problem.suggestion().ifPresent(name -> reply.put("suggestion", name));
        return new ControlReply(400, ConfWriter.pretty(reply.build()));
    }
}
