// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.php.internal;

import io.margay.conf.ConfObject;
import io.margay.lang.AppSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where the scripts of an application are, by target.
 *
 * @param all the targets in their order
 * @param host what precedes a path for it to be the same file for the server; empty without a root of its own
 */
record PhpTargets(List<Target> all, String host) {

    private static final String INDEX = "index.php";

    /**
     * One target.
     *
     * @param root the document root, absolute, without a slash at its end; as the application sees it
     * @param script the one script of the target, below the root, without a slash at its beginning
     * @param index the script of a directory
     */
    record Target(String root, Optional<String> script, String index) {
    }

    /**
     * Those of an application, whose roots are looked up now: a link that leads elsewhere later is followed after a
     * restart.
     *
     * @throws IllegalArgumentException when a script is not below its root
     */
    static PhpTargets of(AppSpec app) {
        ConfObject conf = app.conf();
        String host = conf.object("isolation").flatMap(isolation -> isolation.string("rootfs")).orElse("");
        Path base = Path.of(host.isEmpty() ? "" : "/").toAbsolutePath()
            .resolve(conf.string("working_directory").orElse(""));
        List<Target> targets = new ArrayList<>();
        ConfObject named = conf.object("targets").orElse(ConfObject.EMPTY);
        named.members().keySet().forEach(name -> targets.add(target(named.object(name).orElse(ConfObject.EMPTY), base,
            host.isEmpty())));
        if (targets.isEmpty()) {
            targets.add(target(conf, base, host.isEmpty()));
        }
        return new PhpTargets(List.copyOf(targets), host);
    }

    private static Target target(ConfObject conf, Path base, boolean visible) {
        Path root = base.resolve(conf.string("root").orElse("")).normalize();
        if (visible) {
            try {
                root = root.toRealPath();
            } catch (IOException e) {
                // Where this process may not look, the name will do.
            }
        }
        Path own = root;
        Optional<String> script = conf.string("script").or(() -> conf.string("worker")).map(name -> {
            // A slash at its beginning means the root.
            Path file = own.resolve(name.replaceFirst("^/+", "")).normalize();
            if (!file.startsWith(own) || file.equals(own)) {
                throw new IllegalArgumentException("script is not under php root");
            }
            return own.relativize(file).toString();
        });
        String text = root.toString();
        return new Target("/".equals(text) ? "" : text, script, conf.string("index").orElse(INDEX));
    }

    /**
     * Looks whether the roots are there, as far as the server can see.
     *
     * @throws IllegalArgumentException when one is not
     */
    void check() {
        for (Target target : all) {
            if (!Files.isDirectory(Path.of(host + target.root() + "/"))) {
                throw new IllegalArgumentException("root \"" + target.root() + "\" is no directory");
            }
        }
    }
}
