// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.Version;

/** One installation of an extension bundle in main's framework, or a newer jar of a part of the server. */
public final class ModuleRevision {

    private final int number;
    private final String name;
    private final Version version;
    private volatile Optional<Bundle> bundle;
    /** When the framework had the bundle last, as it says: it is another one after an update. */
    private volatile long modified;
    private final List<Extension> extensions;
    private final Optional<CoreParts.Part> part;
    private final SealedJar jar;
    private final boolean foreign;

    ModuleRevision(int number, Bundle bundle, List<Extension> extensions, SealedJar jar, boolean foreign) {
        this.number = number;
        this.name = bundle.getSymbolicName();
        this.version = bundle.getVersion();
        this.bundle = Optional.of(bundle);
        this.modified = bundle.getLastModified();
        this.extensions = extensions;
        this.part = Optional.empty();
        this.jar = jar;
        this.foreign = foreign;
    }

    ModuleRevision(int number, PartJars.Found found, SealedJar jar) {
        this.number = number;
        this.name = found.name();
        this.version = found.version();
        this.bundle = Optional.empty();
        this.extensions = List.of();
        this.part = Optional.of(found.part());
        this.jar = jar;
        this.foreign = false;
    }

    /** Names this installation, never another one; 1 at least. */
    public int number() {
        return number;
    }

    /** Symbolic name. */
    public String name() {
        return name;
    }

    /** Bundle version. */
    public Version version() {
        return version;
    }

    /** What it adds. */
    public List<Extension> extensions() {
        return extensions;
    }

    /**
     * The bundle in main's framework.
     *
     * @throws java.util.NoSuchElementException for a part of the server, which is none there
     */
    public Bundle bundle() {
        return bundle.orElseThrow();
    }

    /** Another installation of the same bytes is there instead. */
    void standsAs(Bundle other) {
        modified = other.getLastModified();
        bundle = Optional.of(other);
    }

    /** Whether the bundle has other content now than what was installed. */
    boolean isChanged() {
        return bundle().getLastModified() != modified;
    }

    /** Whether the bundle is as main needs it. */
    boolean isWhole() {
        int state = bundle().getState();
        return state != Bundle.UNINSTALLED && !isChanged() && (!runsInMain() || state == Bundle.ACTIVE);
    }

    /** Of which part of the server it is a newer jar; empty for an extension. */
    public Optional<CoreParts.Part> part() {
        return part;
    }

    /**
     * Writes the jar to a new file. Blocks; any thread, as long as the revision is there.
     *
     * @throws IOException when it is not complete
     */
    public void copyTo(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(Path.of(jar.path()))) {
            Files.copy(in, file);
        }
    }

    /** SHA-256 of its jar. */
    public String digest() {
        return jar.digest();
    }

    /** Whether one of its extensions is of a kind. */
    public boolean isOf(String kind) {
        return extensions.stream().anyMatch(extension -> extension.kind().word().equals(kind));
    }

    /** Whether somebody else has installed it, and takes it away. */
    boolean isForeign() {
        return foreign;
    }

    SealedJar jar() {
        return jar;
    }

    /** Whether it takes the place of another one that lies beside it. */
    boolean isNewerThan(ModuleRevision other) {
        return version().compareTo(other.version()) > 0;
    }

    /** Whether main runs code of it. */
    boolean runsInMain() {
        return extensions.stream().anyMatch(extension -> extension.kind().main() == ExtensionKind.Use.RUN);
    }
}
