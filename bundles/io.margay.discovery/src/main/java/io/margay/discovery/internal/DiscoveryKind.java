// SPDX-License-Identifier: Apache-2.0
package io.margay.discovery.internal;

import io.margay.process.ProcessKind;
import io.margay.process.ProcessType;
import org.osgi.service.component.annotations.Component;

/** The short-lived processes that look for languages. No JVM: only data. */
@Component(property = ProcessKind.NAME + "=discovery")
public final class DiscoveryKind implements ProcessKind {

    private static final ProcessType TYPE =
        ProcessType.read(DiscoveryKind.class, "/OSGI-INF/margay/process/discovery.json");

    @Override
    public ProcessType type() {
        return TYPE;
    }
}
