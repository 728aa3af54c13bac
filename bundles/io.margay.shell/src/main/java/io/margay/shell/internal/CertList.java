// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import io.margay.conf.ConfObject;
import org.osgi.service.component.annotations.Component;

/** {@code cert:list}: Shows the certificates and when they end. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=cert", "osgi.command.function=list"})
public final class CertList extends ShellCommand {

    /** Declares it. */
    public CertList() {
        super("cert:list", "", "Shows the certificates and when they end.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        TextTable table = new TextTable("NAME", "SUBJECT", "ISSUER", "UNTIL");
        call.object("/certificates").members().forEach((name, value) -> {
            ConfObject first = value instanceof ConfObject bundle
                ? bundle.array("chain").filter(chain -> !chain.isEmpty())
                .map(chain -> (ConfObject) chain.elements().getFirst()).orElse(ConfObject.EMPTY) : ConfObject.EMPTY;
            table.row(name, common(first, "subject"), common(first, "issuer"),
                first.object("validity").flatMap(validity -> validity.string("until")).orElse(""));
        });
        return table.toString();
    }

    private static String common(ConfObject certificate, String whose) {
        return certificate.object(whose).flatMap(name -> name.string("common_name")).orElse("");
    }
}
