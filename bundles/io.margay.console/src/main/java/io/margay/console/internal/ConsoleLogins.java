// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.log.ErrorLog;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Compares names and passwords. Thread-safe. */
final class ConsoleLogins {
    /**
     * What a try led to.
     *
     * @param user who it was; empty for a wrong name or password
     * @param pause seconds until the next try is looked at; 0 when this one was
     */
    record Outcome(Optional<UserFile.Entry> user, long pause) {
        /** A wrong name or password. */
        static final Outcome WRONG = new Outcome(Optional.empty(), 0);
    }

    private static final long PATIENCE_SECONDS = 5;

    private final UserFile users;
    private final LoginThrottle throttle;
    private final ProvenLogins proven;
    private final ErrorLog log;
    /** For names that do not exist: the answer must not come faster. */
    private final PasswordHash nobody = PasswordHash.none();
    /** A comparison costs much on purpose: one at a time, whoever asks. */
    private final Semaphore turn = new Semaphore(1, true);

    ConsoleLogins(UserFile users, LoginThrottle throttle, ProvenLogins proven, ErrorLog log) {
        this.users = users;
        this.proven = proven;
        this.throttle = throttle;
        this.log = log;
    }

    /**
     * Tries a name and a password; who has sent wrong ones must wait first. What was right some minutes ago is neither
     * compared nor logged again.
     */
    Outcome attempt(String name, String password, ConsolePeer peer) {
        Optional<UserFile.Entry> known = known(name, password);
        if (known.isPresent() && throttle.waits(peer.name()) == 0) {
            throttle.right(peer.name());
            return new Outcome(known, 0);
        }
        try {
            if (!turn.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                return new Outcome(Optional.empty(), 1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome(Optional.empty(), 1);
        }
        try {
            long wait = throttle.waits(peer.name());
            return wait > 0 ? new Outcome(Optional.empty(), wait) : compare(name, password, peer);
        } finally {
            turn.release();
        }
    }

    private Optional<UserFile.Entry> known(String name, String password) {
        return users.find(name).filter(user -> proven.holds(user, password));
    }

    private Outcome compare(String name, String password, ConsolePeer peer) {
        Optional<UserFile.Entry> known = known(name, password);
        if (known.isPresent()) {
            // Of several that came at once the first has been compared.
            throttle.right(peer.name());
            return new Outcome(known, 0);
        }
        Optional<UserFile.Entry> user = users.find(name);
        boolean fits = user.map(UserFile.Entry::hash).orElse(nobody).fits(password);
        if (user.isPresent() && fits) {
            throttle.right(peer.name());
            proven.add(user.get(), password);
            log.notice("console: " + user.get().name() + " logged in from " + peer.name());
            return new Outcome(user, 0);
        }
        int wrong = throttle.wrong(peer.name());
        // Each power of two, so that nobody fills the disk.
        if (Integer.bitCount(wrong) == 1) {
            log.warn("console: " + wrong + " wrong password" + (wrong == 1 ? "" : "s") + " from " + peer.name());
        }
        return Outcome.WRONG;
    }
}
