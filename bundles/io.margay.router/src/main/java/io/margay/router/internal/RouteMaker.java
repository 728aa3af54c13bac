// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.ConfPointer;
import io.margay.log.ErrorLog;
import io.margay.route.Extensions;
import io.margay.route.RouteException;
import io.margay.route.RoutePlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Compiles configurations. */
final class RouteMaker {

    private static final String APPLICATIONS = "applications";

    private final ErrorLog log;

    RouteMaker(ErrorLog log) {
        this.log = log;
    }

    /**
     * Compiles; what is left out answers 503.
     *
     * @param extensions what it may be made of
     * @param order what is wanted
     * @param previous the plan in force
     * @throws ApplyException when a part cannot be served; the message names it
     */
    RoutePlan compile(Extensions extensions, Order order, Optional<RoutePlan> previous) {
        List<ConfPointer> leftOut = new ArrayList<>();
        order.leftOut().forEach(name -> leftOut.add(ConfPointer.ROOT.child(APPLICATIONS).child(name)));
        order.closed().forEach(address -> leftOut.add(ConfPointer.ROOT.child("listeners").child(address)));
        try {
            return RoutePlan.with(extensions, log).previous(previous).leaveOut(leftOut).compile(order.conf());
        } catch (RouteException e) {
            // With a cause it is the fault of an extension, and not of who wrote the value.
            throw application(e).isPresent() || e.pointer().isEmpty() || e.getCause() != null ? blamed(e)
                : new ApplyException(ApplyException.Part.OPTION, e.pointer(), e.getMessage());
        }
    }

    /** Says what is to blame; an application that is can be left out. */
    static ApplyException blamed(RouteException e) {
        return application(e).map(name -> new ApplyException(ApplyException.Part.APPLICATION, name, e.getMessage()))
            .orElseGet(() -> new ApplyException(e.getMessage() + (e.pointer().isEmpty() ? ""
                : " (" + e.pointer() + ")")));
    }

    private static Optional<String> application(RouteException e) {
        List<String> place = e.pointer().isEmpty() ? List.of() : ConfPointer.parse(e.pointer()).segments();
        return place.size() > 1 && place.getFirst().equals(APPLICATIONS) ? Optional.of(place.get(1))
            : Optional.empty();
    }
}
