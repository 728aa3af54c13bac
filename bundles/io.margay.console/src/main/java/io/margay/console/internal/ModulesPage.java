// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.control.ServerControl;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;

/** The extensions that are installed in this framework, and who uses them. */
final class ModulesPage implements Page {
    private static final String EXTENSION = "io.margay.extension";

    private final ServerControl control;
    private final BundleContext context;
    /** By bundle and time of its change: the jar of a bundle stays the same until then. */
    private final Map<String, String> digests = new ConcurrentHashMap<>();

    ModulesPage(ServerControl control, BundleContext context) {
        this.control = control;
        this.context = context;
    }

    @Override
    public String label() {
        return "modules";
    }

    @Override
    public ConfObject data() {
        ConfObject applications = StatusPages.part(control, "/config/applications") instanceof ConfObject found
            ? found : ConfObject.EMPTY;
        List<Conf> all = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            BundleRevision revision = bundle.adapt(BundleRevision.class);
            if (revision != null) {
                for (BundleCapability extension : revision.getDeclaredCapabilities(EXTENSION)) {
                    all.add(one(bundle, extension, applications));
                }
            }
        }
        return ConfObject.builder().put("modules", new ConfArray(all)).put("status", control.json("/status/modules"))
            .build();
    }

    private ConfObject one(Bundle bundle, BundleCapability extension, ConfObject applications) {
        String kind = String.valueOf(extension.getAttributes().get("kind"));
        String name = String.valueOf(extension.getAttributes().get("name"));
        List<Conf> users = new ArrayList<>();
        applications.members().forEach((application, value) -> {
            String type = value instanceof ConfObject some ? some.string("type").orElse("") : "";
            if (kind.equals("lang") && type.split(" ")[0].equals(name)) {
                users.add(Conf.of(application));
            }
        });
        return ConfObject.builder().put("id", bundle.getBundleId()).put("bundle", bundle.getSymbolicName())
            .put("version", bundle.getVersion().toString()).put("kind", kind).put("name", name)
            .put("api", String.valueOf(extension.getAttributes().get("api"))).put("state", state(bundle.getState()))
            .put("users", new ConfArray(users)).put("digest", digest(bundle)).build();
    }

    private static String state(int state) {
        return switch (state) {
            case Bundle.ACTIVE -> "active";
            case Bundle.STARTING -> "starting";
            case Bundle.RESOLVED -> "resolved";
            default -> "installed";
        };
    }

    private String digest(Bundle bundle) {
        digests.keySet().removeIf(key -> digests.size() > 1000);
        return digests.computeIfAbsent(bundle.getBundleId() + " " + bundle.getLastModified(),
            key -> file(bundle.getLocation()).map(ModulesPage::sha256).orElse(""));
    }

    private static Optional<Path> file(String location) {
        String text = location.startsWith("reference:") ? location.substring("reference:".length()) : location;
        try {
            Path path = text.startsWith("file:") ? Path.of(URI.create(text).getPath()) : Path.of(text);
            return Files.isRegularFile(path) ? Optional.of(path) : Optional.empty();
        } catch (IllegalArgumentException e) {
            // Some locations are only names.
            return Optional.empty();
        }
    }

    private static String sha256(Path jar) {
        try (InputStream in = Files.newInputStream(jar)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 14];
            for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException | NoSuchAlgorithmException e) {
            return "";
        }
    }
}
