// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import aQute.bnd.differ.DiffPluginImpl;
import aQute.bnd.header.Attrs;
import aQute.bnd.osgi.Domain;
import aQute.bnd.osgi.Jar;
import aQute.bnd.service.diff.Delta;
import aQute.bnd.service.diff.Diff;
import aQute.bnd.service.diff.Tree;
import aQute.bnd.service.diff.Type;
import aQute.bnd.version.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The exported packages of a bundle as bnd describes them, and the rule of its baseline: who breaks code that uses a
 * package raises its major version, who adds to it the minor one.
 *
 * <p>There is no released artifact to compare with, so the description itself is kept, as a text of one line for each
 * element: depth, then type, name, and what its coming and going mean.
 */
final class ApiBaseline {
    private static final String PACKAGE = "package ";

    /** A package: its version and its elements. */
    record Exported(Version version, Tree tree) {
    }

    private ApiBaseline() {
    }

    /** {@return the exported packages of ours in a jar, by name} */
    static Map<String, Exported> of(Path file) throws Exception {
        Map<String, Exported> packages = new TreeMap<>();
        try (Jar jar = new Jar(file.toFile())) {
            Tree api = new DiffPluginImpl().tree(jar).get("<api>");
            for (Map.Entry<String, Attrs> export : Domain.domain(jar.getManifest()).getExportPackage().entrySet()) {
                Tree tree = api.get(export.getKey());
                if (export.getKey().startsWith("io.margay.") && tree != null) {
                    packages.put(export.getKey(), new Exported(new Version(export.getValue().getVersion()), tree));
                }
            }
        }
        return packages;
    }

    /** {@return what is wrong with the versions of a bundle; empty when nothing is} */
    static List<String> faults(Map<String, Exported> now, Map<String, Exported> before) {
        List<String> faults = new ArrayList<>();
        now.forEach((name, exported) -> {
            Exported old = before.get(name);
            if (old != null) {
                fault(name, exported, old).ifPresent(faults::add);
            }
        });
        return faults;
    }

    private static Optional<String> fault(String name, Exported now, Exported old) {
        Diff diff = now.tree().diff(old.tree());
        Version wanted = switch (diff.getDelta()) {
            case MAJOR, REMOVED -> new Version(old.version().getMajor() + 1, 0, 0);
            case MINOR, ADDED -> new Version(old.version().getMajor(), old.version().getMinor() + 1, 0);
            default -> old.version();
        };
        if (now.version().compareTo(wanted) >= 0) {
            return Optional.empty();
        }
        return Optional.of(name + " " + now.version() + ": " + diff.getDelta() + " changes since " + old.version()
            + ", so package-info.java needs @Version(\"" + wanted + "\") or higher: " + changes(diff));
    }

    private static List<String> changes(Diff diff) {
        List<String> changes = new ArrayList<>();
        Deque<Diff> open = new ArrayDeque<>(List.of(diff));
        while (!open.isEmpty() && changes.size() < 10) {
            Diff next = open.pop();
            if (next.getDelta() == Delta.UNCHANGED) {
                continue;
            }
            if (next.getDelta() == Delta.ADDED || next.getDelta() == Delta.REMOVED || next.getChildren().isEmpty()) {
                changes.add(next.getDelta() + " " + next.getType() + " " + next.getName());
            } else {
                open.addAll(next.getChildren());
            }
        }
        return changes;
    }

    /** Writes the description of a bundle. */
    static void write(Map<String, Exported> packages, Path file) throws IOException {
        StringBuilder text = new StringBuilder();
        packages.forEach((name, exported) -> {
            text.append(PACKAGE).append(exported.version()).append('\n');
            append(text, exported.tree().serialize(), 0);
        });
        Files.writeString(file, text);
    }

    private static void append(StringBuilder text, Tree.Data data, int depth) {
        text.append(depth).append('\t').append(data.type).append('\t').append(data.name).append('\t').append(data.add)
            .append('\t').append(data.rem).append('\n');
        if (data.children != null) {
            List<Tree.Data> children = new ArrayList<>(List.of(data.children));
            children.sort(Comparator.comparing((Tree.Data child) -> child.type.name())
                .thenComparing(child -> child.name));
            children.forEach(child -> append(text, child, depth + 1));
        }
    }

    /** {@return the packages of a description; none when there is no file} */
    static Map<String, Exported> read(Path file) throws Exception {
        Map<String, Exported> packages = new TreeMap<>();
        Deque<Tree.Data> path = new ArrayDeque<>();
        Version version = Version.emptyVersion;
        Tree.Data root = null;
        for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
            if (line.startsWith(PACKAGE)) {
                add(packages, version, root);
                version = new Version(line.substring(PACKAGE.length()));
                root = null;
                path.clear();
                continue;
            }
            String[] words = line.split("\t", -1);
            Tree.Data data = new Tree.Data();
            data.type = Type.valueOf(words[1]);
            data.name = words[2];
            data.add = Delta.valueOf(words[3]);
            data.rem = Delta.valueOf(words[4]);
            while (path.size() > Integer.parseInt(words[0])) {
                path.pop();
            }
            if (path.isEmpty()) {
                root = data;
            } else {
                adopt(path.peek(), data);
            }
            path.push(data);
        }
        add(packages, version, root);
        return packages;
    }

    private static void adopt(Tree.Data parent, Tree.Data child) {
        List<Tree.Data> children = new ArrayList<>(parent.children == null ? List.of() : List.of(parent.children));
        children.add(child);
        parent.children = children.toArray(Tree.Data[]::new);
    }

    private static void add(Map<String, Exported> packages, Version version, Tree.Data root) throws Exception {
        if (root != null) {
            packages.put(root.name, new Exported(version, new DiffPluginImpl().deserialize(root)));
        }
    }
}
