// SPDX-License-Identifier: Apache-2.0
package io.margay.app.internal;

import io.margay.process.ProcessKind;
import io.margay.process.ProcessType;
import org.osgi.service.component.annotations.Component;

/** The workers of an application. No JVM: only data. */
@Component(property = ProcessKind.NAME + "=app")
public final class AppKind implements ProcessKind {

    private static final ProcessType TYPE =
        ProcessType.read(AppKind.class, "/OSGI-INF/margay/process/app.json");

    @Override
    public ProcessType type() {
        return TYPE;
    }
}
