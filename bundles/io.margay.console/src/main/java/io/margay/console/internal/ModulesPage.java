// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.control.ServerControl;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
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
import java.util.function.UnaryOperator;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;

/**
 * The extensions of the server, which are brought, replaced, put back, held and removed here by the {@code /modules} of
 * the control API; and the parts of the server itself that are extensions too.
 */
final class ModulesPage implements Page {
    private static final String EXTENSION = "io.margay.extension";
    private static final String FORCE = "?force=true";

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
        Conf modules = control.json("/modules");
        List<Conf> parts = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            BundleRevision revision = bundle.adapt(BundleRevision.class);
            boolean listed = modules instanceof ConfObject all && all.has(bundle.getSymbolicName());
            if (revision != null && !listed) {
                for (BundleCapability extension : revision.getDeclaredCapabilities(EXTENSION)) {
                    parts.add(part(bundle, extension));
                }
            }
        }
        return ConfObject.builder().put("modules", modules).put("parts", new ConfArray(parts))
            .put("status", control.json("/status/modules")).build();
    }

    private ConfObject part(Bundle bundle, BundleCapability extension) {
        return ConfObject.builder().put("bundle", bundle.getSymbolicName())
            .put("version", bundle.getVersion().toString())
            .put("kind", String.valueOf(extension.getAttributes().get("kind")))
            .put("name", String.valueOf(extension.getAttributes().get("name")))
            .put("api", String.valueOf(extension.getAttributes().get("api"))).put("state", state(bundle.getState()))
            .put("digest", digest(bundle)).build();
    }

    /** Nobody replaces what he has not seen: the server compares the digest. */
    @Override
    public ServerControl.Reply change(ConfObject order, ConsoleUser user) {
        String name = order.string("name").orElse("");
        if (name.isEmpty()) {
            return PageServlet.refused("Which module?");
        }
        String path = "/modules/" + StatusPages.encoded(name);
        Optional<Map<String, String>> fields = match(order.string("match").orElse(""));
        if (fields.isEmpty()) {
            return PageServlet.refused("What the module was before is no SHA-256.");
        }
        return switch (order.string("action").orElse("")) {
            case "rollback" -> control.ask("POST", path + "/rollback", fields.get(), new byte[0]);
            case "remove" -> control.ask("DELETE", path + (order.bool("force", false) ? FORCE : ""), fields.get(),
                new byte[0]);
            case "pin" -> control.ask("PUT", path + "/pinned", fields.get(),
                String.valueOf(order.bool("pinned", true)).getBytes(StandardCharsets.US_ASCII));
            default -> PageServlet.refused("There is no such action.");
        };
    }

    private static Optional<Map<String, String>> match(String digest) {
        return digest.isEmpty() ? Optional.of(Map.of()) : digest.matches("[0-9a-f]{64}")
            ? Optional.of(Map.of("If-Match", '"' + digest + '"')) : Optional.empty();
    }

    /** Parameters: {@code name}, {@code match}, {@code force}. */
    @Override
    public ServerControl.Reply upload(FileChannel content, UnaryOperator<String> wish, ConsoleUser user) {
        String name = wish.apply("name");
        Optional<Map<String, String>> fields = match(wish.apply("match"));
        return fields.isEmpty() ? PageServlet.refused("What the module was before is no SHA-256.")
            : control.ask(name.isEmpty() ? "POST" : "PUT", "/modules"
                + (name.isEmpty() ? "" : "/" + StatusPages.encoded(name))
                + (wish.apply("force").equals("true") ? FORCE : ""), fields.get(), content);
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
