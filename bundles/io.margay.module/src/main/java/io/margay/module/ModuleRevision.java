// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import java.util.List;
import org.osgi.framework.Bundle;
import org.osgi.framework.Version;

/** One installation of an extension bundle in main's framework. */
public final class ModuleRevision {

    private final int number;
    private final Bundle bundle;
    private final List<Extension> extensions;
    private final SealedJar jar;
    private final boolean foreign;

    ModuleRevision(int number, Bundle bundle, List<Extension> extensions, SealedJar jar, boolean foreign) {
        this.number = number;
        this.bundle = bundle;
        this.extensions = extensions;
        this.jar = jar;
        this.foreign = foreign;
    }

    /** Names this installation, never another one; 1 at least. */
    public int number() {
        return number;
    }

    /** Symbolic name. */
    public String name() {
        return bundle.getSymbolicName();
    }

    /** Bundle version. */
    public Version version() {
        return bundle.getVersion();
    }

    /** What it adds. */
    public List<Extension> extensions() {
        return extensions;
    }

    /** The bundle in main's framework. */
    public Bundle bundle() {
        return bundle;
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
