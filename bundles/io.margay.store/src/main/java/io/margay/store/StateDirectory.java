// SPDX-License-Identifier: Apache-2.0
package io.margay.store;

import io.margay.posix.Errno;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The state directory ({@code spec/control-api.md §12}). Used by one thread at a time; every call may wait for the
 * disk.
 */
public final class StateDirectory {

    /** Bytes that a stored configuration may have: main holds it in its small heap for a moment. */
    public static final int MAX_CONFIGURATION = 8 << 20;

    /** Name of the file that says which modules were brought by hand. */
    public static final String MODULES_LOCK = "modules.lock";

    private static final int MAX_LOCK = 1 << 20;
    private static final String CONFIGURATION = "conf.json";
    private static final String VERSION = "version";
    private static final String REJECTED = CONFIGURATION + ".rejected-";
    private static final int MAX_REJECTED = 5;
    private static final int MAX_VERSION = 64;

    private final String path;
    private final String version;
    private final Consumer<String> alerts;

    /**
     * Does not touch the disk yet.
     *
     * @param path of the directory, which an administrator makes
     * @param version of the server, such as {@code 1.35.0}
     * @param alerts takes lines for the log at level alert
     */
    public StateDirectory(String path, String version, Consumer<String> alerts) {
        this.path = path;
        this.version = number(version);
        this.alerts = alerts;
    }

    /** Where it is. */
    public String path() {
        return path;
    }

    /** Where certificate bundles are kept, one file each. */
    public String certificates() {
        return path + "/certs";
    }

    /** Where script modules are kept, one file each. */
    public String scripts() {
        return path + "/scripts";
    }

    /** The certificate bundles. */
    public StateFiles certificateFiles() {
        return new StateFiles(certificates(), "certificate", StateFiles.MAX_FILE, alerts);
    }

    /** The script modules. */
    public StateFiles scriptFiles() {
        return new StateFiles(scripts(), "script", StateFiles.MAX_FILE, alerts);
    }

    /** Where the jars of modules that were brought by hand are kept. */
    public String modules() {
        return path + "/modules";
    }

    /**
     * The jars of modules; their directory is made with the first one.
     *
     * @param most bytes of a jar
     */
    public StateFiles moduleFiles(int most) {
        return new StateFiles(modules(), "module", most, alerts);
    }

    /**
     * The file that says which modules were brought by hand; empty when there is none.
     *
     * @throws PosixException when it cannot be read
     */
    public Optional<byte[]> modulesLock() {
        return AtomicFile.read(path + "/" + MODULES_LOCK, MAX_LOCK);
    }

    /**
     * Replaces that file.
     *
     * @throws PosixException when it is not safely on the disk; the old one is still there
     */
    public void storeModulesLock(byte[] content) {
        AtomicFile.write(path, MODULES_LOCK, content);
    }

    /**
     * Keeps a copy of one that cannot be used.
     *
     * @throws PosixException when that is impossible
     */
    public void keepModulesLock(byte[] content) {
        AtomicFile.write(path, MODULES_LOCK + ".rejected", content);
    }

    /** Where the configurations of before are kept. */
    public String revisions() {
        return path + "/revisions";
    }

    /**
     * True when nothing was ever stored: no configuration, usable or not, no certificate and no script.
     *
     * @throws PosixException when that cannot be told
     */
    public boolean isEmpty() {
        return Files.linkStatus(path + "/" + CONFIGURATION).isEmpty() && certificateFiles().isEmpty()
            && scriptFiles().isEmpty();
    }

    /** Makes the directories for certificates and scripts; failures are alerts, the server runs on. */
    public void prepare() {
        makeDirectory(certificates(), "certificates");
        makeDirectory(scripts(), "scripts");
    }

    private void makeDirectory(String directory, String content) {
        try {
            Files.mkdir(directory, 0700);
        } catch (PosixException e) {
            if (e.errno() != Errno.EEXIST) {
                alerts.accept("Unable to create " + content + " storage directory: " + e.getMessage());
            }
        }
    }

    /**
     * The stored configuration, not parsed yet; empty when none is stored or what is there cannot be used, which was
     * then an alert.
     */
    public Optional<byte[]> configuration() {
        try {
            Optional<byte[]> written = AtomicFile.read(path + "/" + VERSION, MAX_VERSION);
            if (written.isPresent() && !isNumber(written.get())) {
                alerts.accept("failed to restore previous configuration: invalid version string \""
                    + new String(written.get(), StandardCharsets.ISO_8859_1).strip() + "\"");
                return Optional.empty();
            }
            return AtomicFile.read(path + "/" + CONFIGURATION, MAX_CONFIGURATION);
        } catch (PosixException e) {
            alerts.accept("failed to restore previous configuration: " + e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * Stores the configuration in force, and the version if another one wrote here before.
     *
     * @param compactJson the configuration
     * @throws PosixException when it is not safely on the disk; the message says which step failed
     */
    public void store(byte[] compactJson) {
        if (compactJson.length > MAX_CONFIGURATION) {
            throw new PosixException("write(\"" + path + "/" + CONFIGURATION + "\", " + compactJson.length + ")",
                Errno.EFBIG);
        }
        byte[] number = version.getBytes(StandardCharsets.US_ASCII);
        Optional<byte[]> written = AtomicFile.read(path + "/" + VERSION, MAX_VERSION);
        if (written.isEmpty() || !Arrays.equals(written.get(), number)) {
            AtomicFile.write(path, VERSION, number);
        }
        AtomicFile.write(path, CONFIGURATION, compactJson);
    }

    /**
     * Keeps a copy of a stored configuration that could not be used, before a later change replaces it. The last few
     * are kept, each content once.
     *
     * @return the path of the copy; empty when the same content is there already or cannot be kept, which was an alert
     */
    public Optional<String> keepRejected(byte[] content) {
        try {
            int newest = 0;
            for (int n = 1; n <= MAX_REJECTED; n++) {
                Optional<byte[]> kept = AtomicFile.read(path + "/" + REJECTED + n, MAX_CONFIGURATION);
                if (kept.isPresent() && Arrays.equals(kept.get(), content)) {
                    return Optional.empty();
                }
                newest = kept.isPresent() ? n : newest;
            }
            if (newest == MAX_REJECTED) {
                for (int n = 1; n < MAX_REJECTED; n++) {
                    rename(REJECTED + (n + 1), REJECTED + n);
                }
                newest--;
            }
            String name = REJECTED + (newest + 1);
            AtomicFile.write(path, name, content);
            return Optional.of(path + "/" + name);
        } catch (PosixException e) {
            alerts.accept("failed to keep the rejected configuration: " + e.getMessage());
            return Optional.empty();
        }
    }

    private void rename(String from, String to) {
        try {
            Files.rename(path + "/" + from, path + "/" + to);
        } catch (PosixException e) {
            // An administrator may have removed one of them.
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    /** Digits; a final line break is what an editor leaves. */
    private static boolean isNumber(byte[] text) {
        return new String(text, StandardCharsets.ISO_8859_1).matches("[0-9]+\\r?\\n?");
    }

    /** {@code 13500} for 1.35.0. */
    private static String number(String version) {
        String[] parts = version.split("\\.");
        if (parts.length != 3) {
            throw new IllegalArgumentException("a version has three parts: " + version);
        }
        return Integer.toString(Integer.parseInt(parts[0]) * 10_000 + Integer.parseInt(parts[1]) * 100
            + Integer.parseInt(parts[2]));
    }
}
