// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.engine.EventLoop;
import io.margay.log.ErrorLog;
import io.margay.store.ChangeNote;
import io.margay.store.Revisions;
import io.margay.store.StateDirectory;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Stores configurations and reads those of before, in the order of the requests, on a thread of its own: fsync waits
 * for the disk, and the loop must not.
 */
final class ConfStore implements AutoCloseable {

    private static final ChangeNote FOUND = new ChangeNote("", "conf.json", ConfObject.EMPTY);

    /**
     * What became of a configuration.
     *
     * @param failure why the next start will not have it
     * @param revision its number
     * @param unnumbered why it has none, though it is stored
     */
    record Stored(Optional<String> failure, OptionalLong revision, String unnumbered) {
    }

    private final Background disk;
    private final StateDirectory state;
    private final Revisions revisions;
    private final ErrorLog journal;
    private boolean begun;

    ConfStore(EventLoop loop, StateDirectory state, Revisions revisions, ErrorLog journal) {
        this.disk = new Background(loop, "store", journal);
        this.state = state;
        this.revisions = revisions;
        this.journal = journal;
    }

    /**
     * Stores a configuration, and keeps it as a revision. The revision comes first: a crash in between leaves one more
     * of them, and the configuration of before for the next start.
     *
     * @param change compact JSON and who wanted it
     * @param done called on the loop
     */
    void store(ChangeNote.Noted change, Consumer<Stored> done) {
        disk.run("store current configuration", () -> storeNow(change),
            failure -> new Stored(Optional.of(failure), OptionalLong.empty(), ""), done);
    }

    /** The revisions, oldest first, as JSON; empty where they cannot be read. */
    void list(Consumer<Optional<byte[]>> done) {
        disk.run("list the revisions",
            () -> Optional.of(ConfWriter.compact(new ConfArray(List.<Conf>copyOf(revisions.list())))),
            failure -> Optional.empty(), done);
    }

    /** A revision as it is kept; empty when there is none of that number. */
    void read(long number, Consumer<Optional<byte[]>> done) {
        disk.run("read a revision", () -> revisions.read(number), failure -> Optional.empty(), done);
    }

    /**
     * Does something else with the state directory after all that was ordered before.
     *
     * @param deed what it is, as in "failed to ..."
     * @param task runs on the thread of the disk
     * @param done takes its result, on the loop
     * @param failed takes the reason instead, on the loop
     */
    <T> void work(String deed, Supplier<T> task, Consumer<T> done, Consumer<String> failed) {
        disk.<Runnable>run(deed, () -> {
            T result = task.get();
            return () -> done.accept(result);
        }, reason -> () -> failed.accept(reason), Runnable::run);
    }

    private Stored storeNow(ChangeNote.Noted change) {
        keepWhatWasThere();
        OptionalLong number = OptionalLong.empty();
        String unnumbered = "";
        try {
            number = OptionalLong.of(revisions.add(change.note(), change.configuration()));
        } catch (RuntimeException e) {
            unnumbered = String.valueOf(e.getMessage());
            journal.alert("failed to keep the configuration as a revision: " + unnumbered);
        }
        try {
            state.store(change.configuration());
            return new Stored(Optional.empty(), number, unnumbered);
        } catch (RuntimeException e) {
            number.ifPresent(revisions::remove);
            throw e;
        }
    }

    /** What an earlier version or a hand has stored can be come back to as well. */
    private void keepWhatWasThere() {
        if (begun) {
            return;
        }
        begun = true;
        try {
            state.configuration().filter(stored -> revisions.find(stored).isEmpty())
                .ifPresent(stored -> revisions.add(FOUND, stored));
        } catch (RuntimeException e) {
            journal.alert("failed to keep the configuration of before as a revision: " + e.getMessage());
        }
    }

    /** Ends the thread when all is stored. */
    @Override
    public void close() {
        disk.close();
    }
}
