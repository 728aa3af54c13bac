// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import org.osgi.service.component.annotations.Component;

/** {@code cert:show}: Shows all about a certificate. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=cert", "osgi.command.function=show"})
public final class CertShow extends ShellCommand {

    /** Declares it. */
    public CertShow() {
        super("cert:show", "CERT", "Shows all about a certificate.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        return ShellCall.text(call.get("/certificates/" + ShellCall.segment(call.word(0))));
    }
}
