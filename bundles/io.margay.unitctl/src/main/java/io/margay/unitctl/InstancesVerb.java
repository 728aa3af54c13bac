// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import java.util.List;
import java.util.Objects;

/** Shows the servers on this machine. */
final class InstancesVerb extends Verb {
    private final Argument<Format> chosen = format(Format.TEXT, "");

    InstancesVerb(Unitctl tool) {
        super(tool, "instances", "Shows the servers that run on this machine, those of root and of the user.",
            "There is no \"instances new\": start a container with your container tool.");
    }

    @Override
    public Integer call() throws Exception {
        Format format = chosen.value();
        List<Instances.Instance> instances = new Instances(io()).find();
        if (format != Format.TEXT) {
            format.print(new ConfArray(instances.stream().<Conf>map(InstancesVerb::json).toList()), io());
        } else if (instances.isEmpty()) {
            io().note("no server of root or of this user runs here");
        } else {
            instances.forEach(instance -> io().out().print(text(instance)));
        }
        return instances.isEmpty() ? ToolException.UNREACHABLE : ToolException.DONE;
    }

    private static String text(Instances.Instance instance) {
        String command = instance.command();
        String control = instance.control().orElse("unknown");
        String flags = command.substring(instance.program().length()).strip();
        return Io.harmless("unitd instance [pid: " + instance.pid() + ", version: " + instance.version() + "]:\n"
            + "  Executable: " + (command.isEmpty() ? "unknown" : instance.program()) + "\n"
            + "  API control " + (control.startsWith("unix:") ? "unix " : "") + "socket: " + control + "\n"
            + "  Child processes ids: " + String.join(", ", instance.children().stream().map(Objects::toString)
                .toList()) + "\n"
            + (flags.isEmpty() ? "" : "  Runtime flags: " + flags + "\n"));
    }

    private static ConfObject json(Instances.Instance instance) {
        ConfObject.Builder json = ConfObject.builder().put("pid", instance.pid()).put("version", instance.version())
            .put("command", instance.command());
        instance.control().ifPresent(address -> json.put("control", address));
        return json.put("children", new ConfArray(instance.children().stream().<Conf>map(Conf::of).toList())).build();
    }
}
