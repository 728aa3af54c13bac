// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import org.osgi.service.component.annotations.Component;

/** {@code cert:delete}: Removes a certificate that nobody uses. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=cert", "osgi.command.function=delete"})
public final class CertDelete extends ShellCommand {

    /** Declares it. */
    public CertDelete() {
        super("cert:delete", "CERT", "Removes a certificate that nobody uses.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        return call.order("DELETE", "/certificates/" + ShellCall.segment(call.word(0)), "");
    }
}
