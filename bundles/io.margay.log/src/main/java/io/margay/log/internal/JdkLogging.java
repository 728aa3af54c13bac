// SPDX-License-Identifier: Apache-2.0
package io.margay.log.internal;

/**
 * What {@code java.util.logging.config.class} names: the JDK makes one when the first of its loggers is used, which in
 * most processes never happens. So a start need not pay for it.
 */
public final class JdkLogging {

    /** The property that the JDK reads. */
    static final String PROPERTY = "java.util.logging.config.class";

    /** Called by the JDK. */
    public JdkLogging() {
        JdkHandler.install(new ForeignLines(new DescriptorLog()));
    }
}
