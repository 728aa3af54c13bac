// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.http.Exchange;
import io.margay.http.ExchangeHandler;
import io.margay.http.PeerAddress;
import io.margay.log.ErrorLog;
import java.util.Optional;
import java.util.function.Predicate;
import org.osgi.annotation.versioning.ProviderType;

/** What an extension may use while it compiles its part of a configuration. Valid during that call only. */
@ProviderType
public interface PlanContext {

    /** The whole object {@code config}. */
    ConfObject configuration();

    /** Where the part is that is compiled: an action object, a listener, a section. */
    ConfPointer at();

    /**
     * A section of this plan. All sections are compiled before targets, routes, listeners and observers, in the order
     * of their pointers, so those that come later are not there yet for a section.
     */
    Optional<Section> section(String pointer);

    /** The log of this process; it may be kept. */
    ErrorLog log();

    /**
     * Hands over what the compiled value holds. It is closed once: when the last request that entered with this plan
     * is gone, or when the plan is refused; what was handed over later is closed earlier.
     */
    void own(AutoCloseable resource);

    /** Compiles a template; {@code option} is named in errors and is the member of the part to blame. */
    Template template(String option, String text);

    /**
     * Compiles a condition of spec/routing.md §6.4: a template, perhaps with {@code !} in front. The result is safe for
     * all loops.
     */
    Predicate<Exchange> condition(String option, String text);

    /** Compiles patterns of spec/routing.md §4.1 that ignore letter case; a string or an array of strings. */
    TextMatch patterns(String option, Conf value);

    /** Compiles patterns for addresses (spec/routing.md §4.3); a string or an array, which matches nothing if empty. */
    Predicate<PeerAddress> addresses(String option, Conf value);

    /**
     * Finds what a destination of {@code pass} stands for, which may be a template. Not for sections and targets,
     * which exist before there are destinations.
     *
     * @throws RouteException if there is no such destination
     */
    Action pass(String option, String destination);

    /**
     * A way into the plan for requests that come to no listener: they are observed and go to a destination as those of
     * a listener do. Compiled with the listeners, hence not to be used before {@link Section#start}; what is wrong with
     * the destination is found then and refuses the configuration.
     *
     * @param option the member of the part that names the destination, as for {@link #pass}
     * @param name stands for the listener wherever that is named
     * @param destination as in {@code pass} of a listener
     */
    ExchangeHandler entrance(String option, String name, String destination);

    /** The same for a member of the part. */
    PlanContext child(String member);

    /** An exception that blames a member of the part, or the part itself if {@code option} is empty. */
    RouteException error(String option, String reason);
}
