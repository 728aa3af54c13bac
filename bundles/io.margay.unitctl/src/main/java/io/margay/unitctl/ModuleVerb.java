// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Shows the extension bundles of a server, and brings, replaces, removes and holds them. */
final class ModuleVerb extends Verb {
    private static final String PATH = "/modules";
    private static final String NAME = "symbolic name of the bundle";

    ModuleVerb(Unitctl tool) {
        super(tool, "module", "Shows and changes the modules: languages, and other parts of the server.");
        spec().aliases("modules");
        add(new Listing(tool));
        add(new Bring(tool, "add", "Installs a module; one of its name must not be there."));
        add(new Bring(tool, "update", "Installs another version of a module, while requests flow."));
        add(new Remove(tool));
        add(new Order(tool, "rollback", "Puts the version before the present one back."));
        add(new Order(tool, "pin", "Holds a module as it is, whatever comes into the modules directory."));
        add(new Order(tool, "unpin", "Does not hold it any more."));
    }

    @Override
    public Integer call() throws Exception {
        return listing(this, null);
    }

    private static int listing(Verb verb, Format chosen) throws Exception {
        Format format = chosen != null ? chosen : verb.io().screen() ? Format.TEXT : Format.JSON_PRETTY;
        if (format != Format.TEXT) {
            return verb.showEach(format, ToolRequest.get(PATH));
        }
        boolean several = verb.clients().size() > 1;
        return verb.onEach(format, client -> {
            if (several) {
                verb.io().out().println(client.name());
            }
            for (Map.Entry<String, Conf> entry : object(client, client.ask(ToolRequest.get(PATH))).members()
                    .entrySet()) {
                verb.io().out().println(Io.harmless(line(entry.getKey(),
                    entry.getValue() instanceof ConfObject module ? module : ConfObject.EMPTY)));
            }
            return Optional.empty();
        });
    }

    private static String line(String name, ConfObject module) {
        String state = module.bool("removed", false) ? "removed" : module.string("from").orElse("not used");
        String held = module.bool("pinned", false) ? " (pinned)" : "";
        String before = module.object("previous").flatMap(jar -> jar.string("version")).map(version ->
            "  before: " + version).orElse("");
        String users = texts(module, "users");
        String problem = module.string("problem").map(text -> "  problem: " + text).orElse("");
        return String.format(Locale.ROOT, "%-28s %-12s %-10s %s%s%s%s", name, module.string("version").orElse("-"),
            state + held, adds(module), before, users.isEmpty() ? "" : "  used by: " + users, problem)
            .stripTrailing();
    }

    /** Extensions, or the processes of which it is a part. */
    private static String adds(ConfObject module) {
        String processes = texts(module, "processes");
        return processes.isEmpty() ? texts(module, "extensions") : "part of " + processes;
    }

    private static String texts(ConfObject module, String name) {
        return module.array(name).orElse(ConfArray.EMPTY).elements().stream().filter(ConfString.class::isInstance)
            .map(text -> ((ConfString) text).value()).collect(Collectors.joining(", "));
    }

    private static String path(String name) {
        return PATH + "/" + ToolRequest.segment(name);
    }

    /** All. */
    private static final class Listing extends Verb {
        private final Argument<Format> format = format(null, "text on a terminal, else json-pretty: ");

        Listing(Unitctl tool) {
            super(tool, "list", "Shows the modules, where they come from and who uses them.");
        }

        @Override
        public Integer call() throws Exception {
            return listing(this, format.value());
        }
    }

    /** A jar. */
    private static final class Bring extends Verb {
        private final boolean fresh;
        private final Argument<String> jar = parameter(String.class, null, "JAR", "the bundle, - for standard input");
        private final Argument<Format> format = format();

        Bring(Unitctl tool, String verb, String description) {
            super(tool, verb, description);
            fresh = verb.equals("add");
        }

        @Override
        public Integer call() throws Exception {
            byte[] content = ToolContent.read(jar.value(), io());
            BundleName bundle = BundleName.of(content, jar.value());
            String name = bundle.text();
            return onEach(format.value(), client -> {
                boolean there = object(client, client.ask(ToolRequest.get(PATH))).object(name).filter(module ->
                    !module.bool("removed", false)).isPresent();
                // The first newer jar of a part of the server is an update of what is no module yet.
                if (fresh ? there : !there && bundle.extension()) {
                    throw ToolException.usage(fresh ? "module \"" + name
                        + "\" is there already: `unitctl module update`"
                        : "there is no module \"" + name + "\": `unitctl module add`");
                }
                return Optional.of(value(client, client.ask(ToolRequest.of("PUT", path(name), content))));
            });
        }
    }

    /** Takes one away. */
    private static final class Remove extends Verb {
        private final Argument<String> name = parameter(String.class, null, "NAME", NAME);
        private final Argument<Boolean> force = flag("leave the applications that use it without it until it is back",
            "-f", "--force");
        private final Argument<Format> format = format();

        Remove(Unitctl tool) {
            super(tool, "remove", "Takes a module out of the server, unless the configuration uses it.");
        }

        @Override
        public Integer call() throws Exception {
            return showEach(format.value(), ToolRequest.of("DELETE", path(name.value())
                + (force.value() ? "?force=true" : "")));
        }
    }

    /** What takes a name only. */
    private static final class Order extends Verb {
        private final String verb;
        private final Argument<String> name = parameter(String.class, null, "NAME", NAME);
        private final Argument<Format> format = format();

        Order(Unitctl tool, String verb, String description) {
            super(tool, verb, description);
            this.verb = verb;
        }

        @Override
        public Integer call() throws Exception {
            String path = path(name.value());
            return showEach(format.value(), verb.equals("rollback") ? ToolRequest.of("POST", path + "/rollback")
                : ToolRequest.of("PUT", path + "/pinned", Boolean.toString(verb.equals("pin"))
                    .getBytes(StandardCharsets.US_ASCII)));
        }
    }
}
