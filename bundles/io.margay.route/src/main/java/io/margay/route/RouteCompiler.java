// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** What an {@link ActionFactory} or {@link FilterFactory} may use while it compiles one object. */
@ProviderType
public interface RouteCompiler extends PlanContext {

    /** A member of the object; empty if it is absent or null. */
    Optional<Conf> member(String name);

    /** The same for a member that is an object; without members if it is something else. */
    @Override
    RouteCompiler child(String member);

    /** Compiles the action object in a member, such as {@code fallback}. */
    Action action(String option, ConfObject object);

    /** The object {@code settings/http}, empty if there is none. */
    ConfObject settings();
}
