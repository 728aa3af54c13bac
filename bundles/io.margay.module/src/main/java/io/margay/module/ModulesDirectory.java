// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.engine.EventLoop;
import io.margay.engine.Timer;
import io.margay.engine.Watch;
import io.margay.log.ErrorLog;
import io.margay.posix.Fd;
import io.margay.posix.Inotify;
import io.margay.posix.PosixException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Watches the directory of the extension bundles. A jar counts when whoever writes it has closed it, when it is moved
 * here, or when it is made as a link, so that one that is still being copied is left alone. A directory that is not
 * there, or goes, is looked for again. On one loop.
 */
final class ModulesDirectory implements AutoCloseable {

    private static final long AGAIN_MILLIS = 1000;
    private static final String JAR = ".jar";
    private static final int EVENTS = Inotify.IN_CLOSE_WRITE | Inotify.IN_MOVED_TO | Inotify.IN_MOVED_FROM
        | Inotify.IN_CREATE | Inotify.IN_DELETE | Inotify.IN_DELETE_SELF | Inotify.IN_MOVE_SELF;
    private static final int LOST = Inotify.IN_DELETE_SELF | Inotify.IN_MOVE_SELF | Inotify.IN_UNMOUNT;

    private final EventLoop loop;
    private final Path directory;
    private final Consumer<Set<Path>> changed;
    private final ErrorLog journal;
    private final Set<Path> known = new HashSet<>();
    private Fd inotify;
    private Watch watch;
    private Timer again;
    private int number;
    private boolean lost = true;
    private boolean closed;

    /**
     * Does nothing yet.
     *
     * @param changed told the jars that are new, have other content or are gone
     */
    ModulesDirectory(EventLoop loop, Path directory, Consumer<Set<Path>> changed, ErrorLog journal) {
        this.loop = loop;
        this.directory = directory;
        this.changed = changed;
        this.journal = journal;
    }

    Path path() {
        return directory;
    }

    /**
     * Begins to watch.
     *
     * @return the jars that are there, in the order of their names
     * @throws IOException when the directory cannot be read; it is looked for again
     */
    List<Path> begin() throws IOException {
        try {
            watch();
            List<Path> jars = list();
            known.addAll(jars);
            return jars;
        } catch (IOException | PosixException e) {
            retry();
            throw e instanceof IOException io ? io : new IOException(e.getMessage(), e);
        }
    }

    private void watch() {
        if (inotify == null) {
            inotify = Inotify.open();
            watch = loop.watch(inotify.number(), (readable, writable, hangup) -> read(), true, false);
        }
        number = Inotify.watch(inotify, directory.toString(), EVENTS);
        lost = false;
    }

    private void read() {
        Set<Path> touched = new HashSet<>();
        List<Inotify.Event> events = Inotify.read(inotify);
        while (!events.isEmpty()) {
            for (Inotify.Event event : events) {
                take(event, touched);
            }
            events = Inotify.read(inotify);
        }
        tell(touched);
        if (lost) {
            retry();
        }
    }

    private void take(Inotify.Event event, Set<Path> touched) {
        if (event.is(LOST)) {
            // What has been moved away would be watched where it is now.
            Inotify.unwatch(inotify, number);
            lost = true;
            return;
        }
        if (event.is(Inotify.IN_Q_OVERFLOW)) {
            touched.addAll(known);
            touched.addAll(listed());
            return;
        }
        if (!event.name().endsWith(JAR)) {
            return;
        }
        Path file = directory.resolve(event.name());
        // Who makes a file closes it later; a link is complete at once, and nobody closes it.
        if (!event.is(Inotify.IN_CREATE) || isLink(file)) {
            touched.add(file);
        }
    }

    private static boolean isLink(Path file) {
        try {
            return Files.isSymbolicLink(file)
                || (int) Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS) > 1;
        } catch (IOException e) {
            return false; // It is gone already, which comes as news of its own.
        }
    }

    private void tell(Set<Path> touched) {
        Set<Path> news = new HashSet<>();
        for (Path file : touched) {
            if (Files.isRegularFile(file)) {
                known.add(file);
                news.add(file);
            } else if (known.remove(file)) {
                news.add(file);
            }
        }
        if (!news.isEmpty()) {
            changed.accept(news);
        }
    }

    private void retry() {
        if (again == null && !closed) {
            again = loop.schedule(AGAIN_MILLIS, this::tryAgain);
        }
    }

    /** What has happened while nobody watched is found by looking. An unreadable directory takes nothing away. */
    private void tryAgain() {
        again = null;
        if (closed) {
            return;
        }
        try {
            watch();
            Set<Path> touched = new HashSet<>(known);
            touched.addAll(list());
            tell(touched);
        } catch (IOException | PosixException e) {
            retry();
        }
    }

    private List<Path> listed() {
        try {
            return list();
        } catch (IOException e) {
            journal.warn("modules directory \"" + directory + "\" cannot be read: " + e);
            return List.of();
        }
    }

    private List<Path> list() throws IOException {
        List<Path> jars = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + JAR)) {
            for (Path file : files) {
                if (Files.isRegularFile(file)) {
                    jars.add(file);
                }
            }
        }
        jars.sort(null);
        return jars;
    }

    @Override
    public void close() {
        closed = true;
        if (again != null) {
            again.cancel();
        }
        if (watch != null) {
            watch.cancel();
            inotify.close();
        }
    }
}
