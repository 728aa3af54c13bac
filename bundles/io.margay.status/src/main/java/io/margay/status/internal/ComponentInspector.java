// SPDX-License-Identifier: Apache-2.0
package io.margay.status.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.status.Inspector;
import io.margay.status.Listing;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/** The components of this process, with what the unsatisfied ones wait for. */
@Component
public final class ComponentInspector implements Inspector {

    private final ServiceComponentRuntime runtime;

    /** Inspects the components of this runtime. */
    @Activate
    public ComponentInspector(@Reference ServiceComponentRuntime runtime) {
        this.runtime = runtime;
    }

    @Override
    public String name() {
        return "components";
    }

    @Override
    public Conf dump() {
        Listing components = new Listing();
        runtime.getComponentDescriptionDTOs().stream()
            .sorted(Comparator.comparing((ComponentDescriptionDTO component) -> component.name))
            .map(this::component).forEach(components::add);
        return components.under("components");
    }

    private Conf component(ComponentDescriptionDTO component) {
        ConfObject.Builder made = ConfObject.builder().put("name", component.name)
            .put("bundle", component.bundle == null ? "" : component.bundle.symbolicName)
            .put("services", new ConfArray(Arrays.stream(component.serviceInterfaces).<Conf>map(Conf::of).toList()));
        Optional<ComponentConfigurationDTO> first =
            runtime.getComponentConfigurationDTOs(component).stream().findFirst();
        if (first.isEmpty()) {
            return made.put("state", "none").build();
        }
        ComponentConfigurationDTO found = first.get();
        made.put("state", state(found.state));
        if (found.unsatisfiedReferences.length > 0) {
            made.put("waits_for", new ConfArray(Arrays.stream(found.unsatisfiedReferences)
                .<Conf>map(reference -> Conf.of(service(component, reference))).toList()));
        }
        if (found.failure != null) {
            // The first line: the rest is a stack.
            made.put("failure", found.failure.lines().findFirst().orElse(""));
        }
        return made.build();
    }

    private static String service(ComponentDescriptionDTO component, UnsatisfiedReferenceDTO reference) {
        return Arrays.stream(component.references).filter(known -> known.name.equals(reference.name))
            .map(known -> known.interfaceName).findFirst().orElse(reference.name);
    }

    private static String state(int state) {
        return switch (state) {
            case ComponentConfigurationDTO.ACTIVE -> "active";
            case ComponentConfigurationDTO.SATISFIED -> "satisfied";
            case ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION -> "waits for its configuration";
            case ComponentConfigurationDTO.UNSATISFIED_REFERENCE -> "waits for services";
            default -> "failed";
        };
    }
}
