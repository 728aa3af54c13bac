// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import org.osgi.service.component.annotations.Component;

/** {@code module:add}: Installs a module; one of its name must not be there. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=module", "osgi.command.function=add"})
public final class ModuleAdd extends ShellCommand {

    /** Declares it. */
    public ModuleAdd() {
        super("module:add", "FILE", "Installs a module; one of its name must not be there.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        byte[] jar = call.content(0, ModuleJar.MOST);
        String name = ModuleJar.name(jar);
        boolean there = call.object("/modules").object(name).filter(module ->
            !module.bool("removed", false)).isPresent();
        if (there) {
            throw new ShellException(ShellException.FAILED, "module \"" + name + "\" is there already: module:update");
        }
        return call.order("PUT", "/modules/" + ShellCall.segment(name), jar);
    }
}
