// SPDX-License-Identifier: Apache-2.0
package io.margay.action.health;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.dispatch.Applications;
import io.margay.route.Action;
import io.margay.route.ActionFactory;
import io.margay.route.RouteCompiler;
import io.margay.status.Inspectors;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The action {@code health}: how the server is, as the router sees it, at a path of a listener. */
@Component
public final class HealthActionFactory implements ActionFactory {
    private static final String APPLICATION = "app:";

    private final Inspectors inspectors;

    /** Creates the service. */
    @Activate
    public HealthActionFactory(@Reference Inspectors inspectors) {
        this.inspectors = inspectors;
    }

    @Override
    public String option() {
        return "health";
    }

    @Override
    public Set<String> options() {
        return Set.of("health");
    }

    @Override
    public Action compile(ConfObject action, RouteCompiler compiler) {
        String what = compiler.member("health").filter(ConfString.class::isInstance).map(ConfString.class::cast)
            .map(ConfString::value)
            .orElseThrow(() -> compiler.error("health", "The \"health\" value must be a string."));
        Optional<Applications> applications = compiler.section("/applications").filter(Applications.class::isInstance)
            .map(Applications.class::cast);
        ConfObject configured = compiler.configuration().object("applications").orElse(ConfObject.EMPTY);
        if (what.startsWith(APPLICATION) && configured.has(what.substring(APPLICATION.length()))) {
            String name = what.substring(APPLICATION.length());
            return new HealthAction(Optional.of(what), Set.of(name), applications, inspectors);
        }
        return switch (what) {
            case "live" -> new HealthAction(Optional.empty(), Set.of(), Optional.empty(), inspectors);
            case "ready" -> new HealthAction(Optional.of(what), configured.members().keySet(), applications,
                inspectors);
            default -> throw compiler.error("health", "The \"health\" value must be \"live\", \"ready\", or "
                + "\"app:\" and the name of an application.");
        };
    }

    /** What a bundle's check says, as an object. */
    static ConfObject object(Conf value) {
        return value instanceof ConfObject object ? object : ConfObject.EMPTY;
    }
}
