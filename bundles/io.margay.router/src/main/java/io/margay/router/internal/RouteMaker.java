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
            throw blamed(e);
        }
    }

    /** Says what is to blame; an application that is can be left out. */
    static ApplyException blamed(RouteException e) {
        String pointer = e.pointer();
        List<String> place = pointer.isEmpty() ? List.of() : ConfPointer.parse(pointer).segments();
        if (place.size() > 1 && place.getFirst().equals(APPLICATIONS)) {
            return new ApplyException(ApplyException.Part.APPLICATION, place.get(1), e.getMessage());
        }
        return new ApplyException(e.getMessage() + (pointer.isEmpty() ? "" : " (" + pointer + ")"));
    }
}
