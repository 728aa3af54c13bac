// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.CodeSigner;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;

/**
 * What an extension bundle has to be before it is used: known by its digest, signed by somebody trusted, granted what
 * it wants. Without rules everything may come that lies in the modules directory or is brought by whom the control
 * policy lets.
 *
 * @param digests SHA-256 of the jars that may come; empty for no such rule
 * @param signers whose signature makes a jar welcome; empty for no such rule
 * @param privileges by symbolic name what a bundle may have; empty for no such rule
 */
public record ModulePolicy(Optional<Set<String>> digests, List<X509Certificate> signers,
                           Optional<Map<String, Set<String>>> privileges) {

    /** No rules. */
    public static final ModulePolicy NONE = new ModulePolicy(Optional.empty(), List.of(), Optional.empty());

    /** The namespace in which a bundle says which privileges it wants. */
    public static final String PRIVILEGE = "io.margay.privilege";
    /** Code of the bundle runs in main, with main's rights. */
    public static final String MAIN = "main";

    private static final String META = "META-INF/";

    /** Copies the list. */
    public ModulePolicy {
        signers = List.copyOf(signers);
    }

    /**
     * What a bundle wants: what it says, and what its kind of extension cannot do without.
     *
     * @return in alphabetical order
     */
    static List<String> wanted(ModuleRevision module) {
        Set<String> wanted = new LinkedHashSet<>();
        if (module.runsInMain()) {
            wanted.add(MAIN);
        }
        // A part of the server runs where the one runs whose place it takes.
        BundleRevision revision = module.part().isPresent() ? null
            : module.bundle().adapt(BundleRevision.class);
        if (revision != null) {
            for (BundleRequirement requirement : revision.getDeclaredRequirements(PRIVILEGE)) {
                wanted.add(String.valueOf(requirement.getAttributes().getOrDefault("name",
                    requirement.getDirectives().getOrDefault("filter", "unnamed"))));
            }
        }
        return wanted.stream().sorted().toList();
    }

    /**
     * Checks a bundle that was not started. May read all of it.
     *
     * @throws ModuleException with the rule that it breaks
     */
    void check(ModuleRevision module) {
        if (module.isForeign()) {
            // Who installs bundles in main's framework can do what he wants there.
            return;
        }
        if (digests.isPresent() && !digests.get().contains(module.digest())) {
            throw new ModuleException("the control policy does not name its SHA-256 " + module.digest()
                + " (\"/modules/digests\")");
        }
        if (!signers.isEmpty()) {
            signature(module.jar());
        }
        privileges.ifPresent(granted -> {
            List<String> wanted = new ArrayList<>(wanted(module));
            wanted.removeAll(granted.getOrDefault(module.name(), Set.of()));
            if (!wanted.isEmpty()) {
                throw new ModuleException("it wants the privilege \"" + String.join("\", \"", wanted)
                    + "\", which the control policy does not grant (\"/modules/privileges/" + module.name() + "\")");
            }
        });
    }

    private void signature(SealedJar jar) {
        try (JarFile file = new JarFile(jar.path(), true)) {
            Enumeration<JarEntry> entries = file.entries();
            while (entries.hasMoreElements()) {
                JarEntry entry = entries.nextElement();
                if (entry.isDirectory() || isPartOfSignature(entry.getName())) {
                    continue;
                }
                try (InputStream in = file.getInputStream(entry)) {
                    // Only what was read to its end is verified.
                    in.transferTo(OutputStream.nullOutputStream());
                }
                if (!isTrusted(entry.getCodeSigners())) {
                    throw new ModuleException("its entry \"" + entry.getName() + "\" is not signed by anybody whom the "
                        + "control policy names (\"/modules/signers\")");
                }
            }
        } catch (IOException | SecurityException e) {
            throw new ModuleException("its signature is not good: " + e.getMessage(), e);
        }
    }

    private static boolean isPartOfSignature(String name) {
        return name.startsWith(META) && name.indexOf('/', META.length()) < 0
            && name.matches(".*(\\.SF|\\.RSA|\\.DSA|\\.EC|/MANIFEST\\.MF)");
    }

    private boolean isTrusted(CodeSigner[] all) {
        return all != null && Arrays.stream(all).anyMatch(signer -> signer.getSignerCertPath().getCertificates()
            .stream().anyMatch(signers::contains));
    }
}
