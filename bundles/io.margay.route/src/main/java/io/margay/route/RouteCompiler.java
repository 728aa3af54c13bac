// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** What an {@link ActionFactory} may use while it compiles one action object. */
@ProviderType
public interface RouteCompiler {

    /** A member of the action object; empty if it is absent or null. */
    Optional<Conf> member(String name);

    /** Compiles a template; {@code option} is named in errors and is the member to blame. */
    Template template(String option, String text);

    /** Compiles patterns of spec/routing.md §4.1 that ignore letter case; a string or an array of strings. */
    TextMatch patterns(String option, Conf value);

    /** Compiles the action object in a member, such as {@code fallback}. */
    Action action(String option, ConfObject object);

    /** The object {@code settings/http}, empty if there is none. */
    ConfObject settings();

    /** An exception that blames a member of the action object. */
    RouteException error(String option, String reason);
}
