// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import org.osgi.service.component.annotations.Component;

/** {@code cert:put}: Stores a certificate chain with its key, or replaces one in service. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=cert", "osgi.command.function=put"})
public final class CertPut extends ShellCommand {
    private static final int MOST = 1 << 20;

    /** Declares it. */
    public CertPut() {
        super("cert:put", "CERT [FILE]", "Stores a certificate chain with its key, or replaces one in service.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        return call.order("PUT", "/certificates/" + ShellCall.segment(call.word(0)), call.content(1, MOST));
    }
}
