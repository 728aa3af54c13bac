// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import java.util.Optional;
import java.util.Set;
import org.osgi.annotation.versioning.ConsumerType;

/** Service: compiles filters, which stand in front of what answers a request. */
@ConsumerType
public interface FilterFactory {

    /** Where the option of a filter stands. */
    enum Scope {
        /** In action objects: for requests that come to this action. */
        ACTION,
        /** In listeners: for all their requests, before routing. */
        LISTENER,
        /** In {@code settings/http}: for all requests of all listeners, before the filters of those. */
        SERVER
    }

    /** The member that configures the filter, such as {@code response_headers}. */
    String option();

    /** In which objects the option stands. */
    default Scope scope() {
        return Scope.ACTION;
    }

    /**
     * The place among the filters of one object: the request meets the lowest first, the response last. Equal ones
     * are ordered by their options. Unit's own have multiples of 100; 0 to 999 is for what looks at the request alone,
     * as limits and authentication, 1000 and more for what changes the response.
     */
    int order();

    /** Parts of the configuration outside of the object that the filter reads as well, as JSON Pointers. */
    default Set<String> reads() {
        return Set.of();
    }

    /**
     * What is compiled for an object that does not have the option; for filters that another part of the configuration
     * brings about, which {@link #reads} names.
     *
     * @return the value that {@link #compile} gets; empty for no filter
     */
    default Optional<Conf> implied(ConfObject configuration) {
        return Optional.empty();
    }

    /**
     * Compiles the value of the option.
     *
     * @param value never null or absent
     * @param compiler its {@code at()} is the object that has the option
     * @throws RouteException if the value is invalid
     */
    Filter compile(Conf value, RouteCompiler compiler);
}
