// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.posix.Credentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A main process without privileges, run by {@link RootlessTest} in a JVM of its own. Prints what came of it. */
final class Rootless {

    private static final String ALL = "\"namespaces\": {\"credential\": true, \"pid\": true, \"mount\": true,"
        + " \"network\": true, \"uname\": true}";

    private Rootless() {
    }

    public static void main(String[] arguments) throws Exception {
        Server server = Server.current("nobody", "", false);
        System.out.println("setid " + server.setid() + " chroot " + server.chroot());
        program(server);
        holder(server);
        refused();
    }

    private static Isolation parse(Server server, String json) throws Exception {
        ConfObject application = (ConfObject) ConfParser.parse(json.getBytes(StandardCharsets.UTF_8));
        Account app = new Account("app", 1000, 1001, new int[] {1001});
        return Isolation.parse("blog", application, server, (user, group) -> app);
    }

    private static void program(Server server) throws Exception {
        Path root = root();
        Isolation isolation = parse(server, "{\"isolation\": {" + ALL + ", \"new_privs\": false, \"rootfs\": \""
            + root + "\"}}");
        try (Launch launch = Launch.shell("id -u; id -g; cat /proc/1/comm; echo p* t* u*; grep NoNew /proc/1/status")
            .handshake()) {
            isolation.apply(launch.plan(), mounts(isolation));
            LaunchPlan plan = launch.plan().build();
            report(launch.run(pid -> new MapWriter(false).write(pid, plan)));
        }
    }

    private static List<Mount> mounts(Isolation isolation) {
        List<Mount> language = new ArrayList<>(List.of(Mount.bind("/usr")));
        for (String name : List.of("/bin", "/lib", "/lib64")) {
            if (Files.isDirectory(Path.of(name), LinkOption.NOFOLLOW_LINKS)) {
                language.add(Mount.bind(name));
            }
        }
        return Mounts.of(isolation.automount(), language, notice -> System.out.println(notice.text()));
    }

    private static Path root() throws IOException {
        Path root = Files.createTempDirectory("rootless");
        for (String name : List.of("bin", "lib", "lib64")) {
            if (Files.isSymbolicLink(Path.of("/", name))) {
                Files.createSymbolicLink(root.resolve(name), Path.of("usr", name));
            }
        }
        return root;
    }

    private static void holder(Server server) throws Exception {
        Isolation isolation = parse(server, "{\"isolation\": {" + ALL + "}}");
        try (Launch holder = Launch.of("\"blog\" prototype").handshake()) {
            isolation.apply(holder.plan().holder("unit: holder"), List.of());
            LaunchPlan plan = holder.plan().build();
            holder.begin(pid -> new MapWriter(false).write(pid, plan));
            holder.started().await(5000);
            holder.started().journey().faults().forEach(fault -> System.out.println(fault.text()));
            Launch.end(holder.started().pid());
            holder.receive();
            try (HolderNamespaces namespaces = HolderNamespaces.open(holder.pid(), isolation.namespaces());
                Launch worker = Launch.shell("id -u; echo $$")) {
                worker.plan().enter(namespaces.descriptors()).identity(
                    new Identity("app", 1000, 1001, Optional.empty()));
                worker.handshake();
                report(worker.run());
            }
            holder.send(22);
            System.out.println("holder " + Launch.end(holder.pid()).code());
        }
    }

    private static void refused() {
        try (Launch launch = Launch.shell("true")) {
            launch.plan().namespaces(Set.of(Namespace.MOUNT));
            report(launch.run());
        }
        try (Launch launch = Launch.shell("true").handshake()) {
            launch.plan().namespaces(Set.of(Namespace.CREDENTIAL))
                .maps(List.of(new IdMap(0, 0, 1)), List.of(new IdMap(0, 0, 1)));
            LaunchPlan plan = launch.plan().build();
            report(launch.run(pid -> {
                try {
                    new MapWriter(false).write(pid, plan);
                } catch (IsolationException failure) {
                    System.out.println(failure.getMessage().replace("" + pid, "PID"));
                    throw failure;
                }
            }));
        }
        System.out.println("still " + Credentials.effectiveUid());
    }

    private static void report(Launch.Result result) {
        System.out.print(result.output());
        result.journey().faults().forEach(fault -> System.out.println(fault.text()));
    }
}
