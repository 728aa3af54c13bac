// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.osgi.framework.launch.Framework;

/** The one launch of this process. */
final class CurrentLaunch implements Launch {
    private final String role;
    private final List<String> arguments;
    private final CommandLine line;
    private final Path home;
    private final boolean training;
    private final String init = System.getenv(RoleCommand.INIT);
    private final AtomicBoolean ready = new AtomicBoolean();
    private final CountDownLatch end = new CountDownLatch(1);
    private final AtomicInteger code = new AtomicInteger(-1);
    private final Feature feature;
    private Path temporary;
    private Path directory;

    CurrentLaunch(String role, List<String> arguments, CommandLine line, Path home, boolean training)
            throws IOException {
        this.role = role;
        this.arguments = arguments;
        this.line = line;
        this.home = home;
        this.training = training;
        // A training run may take the bundles of several roles.
        Feature all = null;
        for (String name : role.split(",")) {
            Feature one = Feature.read(home.resolve("features/" + name + ".json"));
            all = all == null ? one : all.and(one);
        }
        this.feature = all;
    }

    /** Makes or finds the private directory. */
    Path open() throws IOException {
        if (role.equals("main") || training) {
            temporary = PrivateDirectory.create(line.temporaryDirectory());
            directory = temporary.resolve("main");
            PrivateDirectory.make(directory);
        } else if (data().get("dir") instanceof String given) {
            directory = Path.of(given);
        } else {
            throw new IOException("role \"" + role + "\" is started by main only: "
                + RoleCommand.INIT + " names no \"dir\"");
        }
        return directory;
    }

    /**
     * Gives what was made as root so far to the account that a child is about to take: it goes on installing bundles,
     * and it must be able to remove the socket of the attach tools when it ends.
     */
    void handOver() throws IOException {
        Map<?, ?> data = data();
        if (temporary != null || !(data.get("uid") instanceof Double uid && data.get("gid") instanceof Double gid)) {
            return;
        }
        Path bundles = directory.resolve("bundles");
        give(bundles, uid.intValue(), gid.intValue());
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(bundles)) {
            for (Path entry : entries) {
                give(entry, uid.intValue(), gid.intValue());
            }
        }
        Path socket = RoleCommand.attachSocket(ProcessHandle.current().pid());
        if (Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            give(socket, uid.intValue(), gid.intValue());
        }
    }

    private static void give(Path path, int uid, int gid) throws IOException {
        Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
    }

    /** {@return the start data of a child; empty in main} */
    private Map<?, ?> data() {
        return init != null && Json.parse(init) instanceof Map<?, ?> data ? data : Map.of();
    }

    Feature feature() {
        return feature;
    }

    int code() {
        return Math.max(code.get(), 0);
    }

    /**
     * Removes what {@link #open} made; a child's directory is the parent's to remove, which sees to it after a crash
     * too.
     */
    void close() {
        if (temporary != null) {
            PrivateDirectory.remove(temporary);
        } else if (directory != null) {
            PrivateDirectory.remove(directory.resolve("bundles"));
        }
    }

    @Override
    public String role() {
        return role;
    }

    @Override
    public String program() {
        return System.getProperty("margay.program", "unitd");
    }

    @Override
    public List<String> arguments() {
        return arguments;
    }

    @Override
    public CommandLine commandLine() {
        return line;
    }

    @Override
    public Optional<String> init() {
        return Optional.ofNullable(init);
    }

    @Override
    public Path home() {
        return home;
    }

    @Override
    public Path directory() {
        return directory;
    }

    @Override
    public boolean training() {
        return training;
    }

    @Override
    public OptionalInt statusDescriptor() {
        String number = System.getenv("MARGAY_STATUS_FD");
        return number == null || training ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(number));
    }

    @Override
    public void ready() {
        if (!ready.compareAndSet(false, true)) {
            return;
        }
        OptionalInt status = statusDescriptor();
        if (status.isPresent()) {
            try (FileOutputStream out = new FileOutputStream("/proc/self/fd/" + status.getAsInt())) {
                out.write("ok\n".getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                // The start command is gone; the server runs all the same.
                System.err.println("margay: nobody waits for the start: " + e.getMessage());
            }
        }
        Thread.ofPlatform().daemon().name("boot-cache").start(this::refreshCache);
    }

    private void refreshCache() {
        try {
            new BootCache(home).refresh();
        } catch (IOException e) {
            System.err.println("margay: the boot cache stays as it is: " + e.getMessage());
        }
    }

    @Override
    public RoleCommand command(String child) {
        return new RoleCommand(home, child, System.getenv());
    }

    /**
     * Waits for {@link #exit}, or for an administrator who stops the framework.
     *
     * <p>An exit does not stop the framework: the loops of the role still run, and the classes of a stopped bundle
     * are gone. The process ends as it is.
     */
    int awaitEnd(Framework running) throws InterruptedException {
        Thread watcher = Thread.ofPlatform().daemon().name("framework-end").unstarted(() -> {
            try {
                running.waitForStop(0);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exit(0);
        });
        watcher.start();
        end.await();
        return code();
    }

    @Override
    public void exit(int status) {
        if (code.compareAndSet(-1, status)) {
            end.countDown();
        }
    }
}
