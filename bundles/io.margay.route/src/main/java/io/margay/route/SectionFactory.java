// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/** Service: compiles one part of the configuration that is no route step and no listener. */
@ConsumerType
public interface SectionFactory {

    /**
     * The part that this factory reads, everything below included: a JSON Pointer such as {@code /access_log} or
     * {@code /settings/telemetry}. The segment {@code *} stands for any member: {@code /listeners/*}{@code /tls}; then
     * the factory is called once, without a value, and looks for itself.
     */
    String pointer();

    /** Whether the section is compiled before all others; for what the others need, as a {@link TemplateLanguage}. */
    default boolean first() {
        return false;
    }

    /**
     * Compiles the part; called for each configuration, so that what is not configured any more can be ended.
     *
     * @param value the part; empty if it is absent or null
     * @throws RouteException if it is invalid
     */
    Section compile(Optional<Conf> value, SectionContext context);
}
