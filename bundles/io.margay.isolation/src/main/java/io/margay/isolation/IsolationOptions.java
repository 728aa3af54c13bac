// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfNumber;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the members of an application one by one (spec/isolation.md §3 to §12). */
final class IsolationOptions {

    private static final int PATH_MAX = 4096;
    private static final long LARGEST_ID = 0xffffffffL;

    private final ConfObject application;
    private final ConfObject isolation;

    IsolationOptions(ConfObject application) {
        this.application = application;
        isolation = application.object("isolation").orElse(ConfObject.EMPTY);
    }

    Optional<String> cgroup() {
        Optional<String> path = isolation.object("cgroup").flatMap(cgroup -> cgroup.string("path"));
        path.ifPresent(text -> {
            if (text.length() >= PATH_MAX) {
                throw alert("The cgroup path \"" + text + "\" is too long.");
            }
            if (text.isEmpty() || text.indexOf('\0') >= 0 || Arrays.asList(text.split("/")).contains("..")) {
                throw alert("The cgroup path \"" + text + "\" is invalid.");
            }
        });
        return path;
    }

    Set<Namespace> namespaces() {
        ConfObject options = isolation.object("namespaces").orElse(ConfObject.EMPTY);
        Set<Namespace> namespaces = EnumSet.noneOf(Namespace.class);
        for (String name : options.members().keySet()) {
            Namespace namespace = Namespace.of(name).filter(Namespace::supported)
                .orElseThrow(() -> alert("unknown namespace flag: \"" + name + "\""));
            if (options.bool(name, false)) {
                namespaces.add(namespace);
            }
        }
        return namespaces;
    }

    List<IdMap> map(String name) {
        List<IdMap> maps = new ArrayList<>();
        isolation.array(name).ifPresent(array -> array.elements().forEach(entry -> maps.add(map(entry))));
        return maps;
    }

    private static IdMap map(Conf entry) {
        if (entry instanceof ConfObject object) {
            return new IdMap(id(object, "container"), id(object, "host"), id(object, "size"));
        }
        throw alert("clone map entry map error");
    }

    private static long id(ConfObject entry, String name) {
        if (entry.get(name).orElse(null) instanceof ConfNumber number) {
            long value = number.longValue();
            if (value >= 0 && value <= LARGEST_ID) {
                return value;
            }
        }
        throw alert("clone map entry map error");
    }

    Optional<String> root() {
        return isolation.string("rootfs").map(IsolationOptions::root);
    }

    private static String root(String given) {
        if (given.indexOf('\0') >= 0) {
            throw error("rootfs contains an embedded NUL but given \"" + given.replace('\0', '?') + "\"");
        }
        if (given.length() <= 1 || !given.startsWith("/")) {
            throw error("rootfs requires an absolute path other than \"/\" but given \"" + given + "\"");
        }
        if (depth(given) == 0) {
            throw error("rootfs resolves to \"/\" but given \"" + given + "\"");
        }
        int end = given.length();
        while (given.charAt(end - 1) == '/') {
            end--;
        }
        return given.substring(0, end);
    }

    /** Names left when "." and ".." are worked off. */
    private static int depth(String path) {
        int depth = 0;
        for (String name : path.split("/")) {
            if (name.equals("..")) {
                depth = Math.max(0, depth - 1);
            } else if (!name.isEmpty() && !name.equals(".")) {
                depth++;
            }
        }
        return depth;
    }

    Automount automount() {
        ConfObject options = isolation.object("automount").orElse(ConfObject.EMPTY);
        return new Automount(options.bool("language_deps", true), options.bool("tmpfs", true),
            options.bool("procfs", true));
    }

    boolean newPrivileges() {
        return isolation.bool("new_privs", true);
    }

    Map<String, String> environment() {
        Map<String, String> variables = new LinkedHashMap<>();
        application.object("environment").ifPresent(object -> object.members().keySet()
            .forEach(name -> object.string(name).ifPresent(value -> variables.put(name, value))));
        return variables;
    }

    Optional<String> text(String name) {
        return application.string(name).filter(value -> !value.isEmpty());
    }

    private static IsolationException alert(String text) {
        return new IsolationException(Severity.ALERT, text);
    }

    private static IsolationException error(String text) {
        return new IsolationException(Severity.ERROR, text);
    }
}
