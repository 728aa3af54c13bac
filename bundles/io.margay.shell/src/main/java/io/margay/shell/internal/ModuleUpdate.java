// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import org.osgi.service.component.annotations.Component;

/** {@code module:update}: Installs another version of a module, while requests flow. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=module", "osgi.command.function=update"})
public final class ModuleUpdate extends ShellCommand {

    /** Declares it. */
    public ModuleUpdate() {
        super("module:update", "FILE", "Installs another version of a module, while requests flow.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        byte[] jar = call.content(0, ModuleJar.MOST);
        String name = ModuleJar.name(jar);
        boolean there = call.object("/modules").object(name).filter(module ->
            !module.bool("removed", false)).isPresent();
        if (!there) {
            throw new ShellException(ShellException.FAILED, "module \"" + name + "\" is not there: module:add");
        }
        return call.order("PUT", "/modules/" + ShellCall.segment(name), jar);
    }
}
