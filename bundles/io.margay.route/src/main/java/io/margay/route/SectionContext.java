// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.ConfPointer;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** What a {@link SectionFactory}, {@link TargetFactory} or {@link ObserverFactory} may use while it compiles. */
@ProviderType
public interface SectionContext extends PlanContext {

    /**
     * The section that the factory for the same pointer made for the configuration in force; always empty for targets
     * and observers. It may come from another version of the bundle, hence be of a class that only has the same name:
     * test with {@code instanceof}. It belongs to the plan in force and may still be asked when this plan is refused.
     */
    Optional<Section> previous();

    /**
     * Whether a part is configured but is not to serve, as an application that did not start when the server came up.
     * The section treats it as absent, a target answers 503 for it.
     */
    boolean isLeftOut(ConfPointer part);
}
