// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import java.nio.charset.StandardCharsets;
import org.osgi.service.component.annotations.Component;

/** {@code conf:put}: Sets what is at a path; without JSON to the content that was sent along. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=conf", "osgi.command.function=put"})
public final class ConfPut extends ShellCommand {
    private static final int MOST = 4 << 20;

    /** Declares it. */
    public ConfPut() {
        super("conf:put", "PATH [JSON]", "Sets what is at a path; without JSON to the content that was sent along.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        byte[] content = call.optional(1).map(text -> text.getBytes(StandardCharsets.UTF_8)).orElse(null);
        return call.order("PUT", ShellCall.configuration(call.word(0)),
            content == null ? call.content(1, MOST) : content);
    }
}
