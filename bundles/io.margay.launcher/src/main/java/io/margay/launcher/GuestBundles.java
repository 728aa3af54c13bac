// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.process.ProcessKind;
import io.margay.process.ProcessType;
import io.margay.process.StartException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/**
 * What there is in a foreign framework of what the processes of the server are made of: the bundles that the feature
 * files of their kinds name, and the kit, a bundle that holds these files and what else a distribution has.
 *
 * @param kit the bundle with the kit; empty when it is not installed
 * @param features what each kind of JVM but main consists of
 * @param found the bundle of each entry, by the entry's artifact
 * @param missing what is not installed
 */
record GuestBundles(Optional<Bundle> kit, Map<String, Feature> features, Map<String, Bundle> found,
                    Set<String> missing) {

    /** The header of the kit, with the folder of the distribution in it. */
    static final String KIT = "Margay-Home";
    /** Where a bundle with a kind of process has the feature file of that. */
    static final String FEATURES = "OSGI-INF/margay/feature/";

    private static final String KIT_NAME = "io.margay.home";
    private static final String MAIN = "main";

    /**
     * Looks.
     *
     * @throws StartException when a file of one of them is malformed
     */
    static GuestBundles of(BundleContext context) {
        List<Bundle> all = Arrays.stream(context.getBundles())
            .filter(bundle -> bundle.getBundleId() != 0 && bundle.getState() != Bundle.UNINSTALLED)
            .sorted(Comparator.comparing(Bundle::getVersion).reversed()).toList();
        Optional<Bundle> kit = all.stream().filter(bundle -> bundle.getHeaders("").get(KIT) != null).findFirst();
        Map<String, Feature> features = new LinkedHashMap<>();
        Map<String, Bundle> found = new LinkedHashMap<>();
        Set<String> missing = new LinkedHashSet<>();
        if (kit.isEmpty()) {
            missing.add(KIT_NAME);
        } else {
            for (Bundle bundle : all) {
                type(bundle).flatMap(ProcessType::feature).filter(name -> !name.equals(MAIN))
                    .ifPresent(name -> features.put(name, feature(name, bundle, kit.get(), found)));
            }
            features.values().stream().flatMap(feature -> feature.bundles().stream()).map(Feature.Entry::artifact)
                .filter(artifact -> !found.containsKey(artifact)).distinct().forEach(artifact ->
                    all.stream().filter(bundle -> is(bundle, artifact)).findFirst().ifPresentOrElse(
                        bundle -> found.put(artifact, bundle), () -> missing.add(artifact)));
        }
        return new GuestBundles(kit, features, found, missing);
    }

    private static Optional<ProcessType> type(Bundle bundle) {
        String path = bundle.getHeaders("").get(ProcessKind.HEADER);
        try {
            return path == null || bundle.getEntry(path) == null ? Optional.empty()
                : Optional.of(ProcessType.parse(read(bundle, path)));
        } catch (IllegalArgumentException e) {
            // Main refuses it, with the reason.
            return Optional.empty();
        }
    }

    /** A kind that the distribution does not know brings its file, which need not name its own bundle. */
    private static Feature feature(String name, Bundle bundle, Bundle kit, Map<String, Bundle> found) {
        String known = folder(kit) + "features/" + name + ".json";
        if (kit.getEntry(known) != null) {
            return Feature.parse(read(kit, known), known);
        }
        String own = FEATURES + name + ".json";
        if (bundle.getEntry(own) == null) {
            throw new StartException("bundle " + bundle.getSymbolicName() + " has no \"" + own
                + "\", which its kind of process needs");
        }
        found.put(bundle.getSymbolicName(), bundle);
        return Feature.parse(read(bundle, own), own).with(bundle.getSymbolicName());
    }

    static String folder(Bundle kit) {
        String folder = kit.getHeaders("").get(KIT).strip();
        return folder.endsWith("/") ? folder : folder + "/";
    }

    static byte[] read(Bundle bundle, String path) {
        URL url = bundle.getEntry(path);
        if (url == null) {
            throw new StartException("bundle " + bundle.getSymbolicName() + " has no \"" + path + "\"");
        }
        try (InputStream in = url.openStream()) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new StartException("\"" + path + "\" of bundle " + bundle.getSymbolicName() + " cannot be read: " + e,
                e);
        }
    }

    /** The symbolic name of a bundle is that of its project; Netty has the group in front. */
    private static boolean is(Bundle bundle, String artifact) {
        String name = Optional.ofNullable(bundle.getSymbolicName()).orElse("");
        return name.equals(artifact) || name.equals(artifact.replaceFirst("^netty-", "io.netty."));
    }

    /** {@return the bundles and what they are now: another value means that something has changed} */
    Map<Long, Long> state() {
        return Stream.concat(kit.stream(), found.values().stream()).distinct()
            .collect(Collectors.toMap(Bundle::getBundleId, Bundle::getLastModified));
    }
}
