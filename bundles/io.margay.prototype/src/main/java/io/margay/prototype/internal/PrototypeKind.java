// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype.internal;

import io.margay.process.ProcessKind;
import io.margay.process.ProcessType;
import org.osgi.service.component.annotations.Component;

/** The processes that fork the workers of one application. No JVM: only data. */
@Component(property = ProcessKind.NAME + "=prototype")
public final class PrototypeKind implements ProcessKind {

    private static final ProcessType TYPE =
        ProcessType.read(PrototypeKind.class, "/OSGI-INF/margay/process/prototype.json");

    @Override
    public ProcessType type() {
        return TYPE;
    }
}
