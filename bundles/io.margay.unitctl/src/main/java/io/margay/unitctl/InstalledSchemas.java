// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import io.margay.schema.Facts;
import io.margay.schema.ModuleTypes;
import io.margay.schema.Options;
import io.margay.schema.Problem;
import io.margay.schema.Schema;
import io.margay.schema.SchemaException;
import io.margay.schema.SchemaRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** What the bundles of a distribution can read, as their manifests and schema files say; none of their code runs. */
final class InstalledSchemas {
    private static final int MAX_FILE = 1 << 20;
    /** One capability; a comma or semicolon in quotes does not occur in what is looked for. */
    private static final Pattern EXTENSION = Pattern.compile("io\\.margay\\.extension((?:;[^,;\"]*(?:\"[^\"]*\")?)+)");
    private static final Pattern ATTRIBUTE = Pattern.compile(";\\s*(kind|name)(?::String)?\\s*=\\s*\"?([^;,\"]+?)\"?"
        + "\\s*(?=[;,]|$)");
    /** What routers tell by themselves when they run. */
    private static final Pattern READER = Pattern.compile("\"reader\"\\s*:\\s*\"((?:action|filter|target|section"
        + "|observer):[^\"]+)\"");
    /** Its files hold the options that no bundle implements yet. */
    private static final String UNREAD = "io.margay.schema";

    private final SchemaRegistry registry = new SchemaRegistry();
    private final Set<String> readers = new HashSet<>();

    /**
     * Reads the bundles of directories.
     *
     * @throws ToolException when a directory or a jar cannot be read, or the schema files do not fit together
     */
    InstalledSchemas(List<Path> directories) throws ToolException {
        Map<String, byte[]> files = new HashMap<>();
        for (Path directory : directories) {
            try (Stream<Path> jars = Files.list(directory)) {
                for (Path jar : jars.filter(file -> file.toString().endsWith(".jar")).sorted().toList()) {
                    read(jar, files);
                }
            } catch (IOException e) {
                throw ToolException.local("cannot read the bundles in \"" + directory + "\": " + e, e);
            }
        }
        try {
            registry.putAll(files);
        } catch (SchemaException e) {
            throw ToolException.local("the schemas of the bundles cannot be used: " + e.getMessage(), e);
        }
        if (!registry.current().types().has("configuration")) {
            throw ToolException.local("no bundle in " + directories + " has the schema of the configuration");
        }
    }

    private void read(Path path, Map<String, byte[]> files) throws IOException {
        try (JarFile jar = new JarFile(path.toFile(), false)) {
            if (jar.getManifest() == null) {
                return;
            }
            Attributes headers = jar.getManifest().getMainAttributes();
            Matcher clauses = EXTENSION.matcher(headers.getValue("Provide-Capability") == null ? ""
                : headers.getValue("Provide-Capability"));
            while (clauses.find()) {
                Map<String, String> words = new HashMap<>();
                ATTRIBUTE.matcher(clauses.group(1)).results().forEach(one -> words.put(one.group(1), one.group(2)));
                readers.add(words.get("kind") + ":" + words.get("name"));
            }
            String schemas = headers.getValue(Options.HEADER);
            for (String name : schemas == null ? new String[0] : schemas.split(",")) {
                byte[] file = content(jar, name.strip());
                files.put(path.getFileName() + "/" + name.strip(), file);
                if (!UNREAD.equals(headers.getValue("Bundle-SymbolicName"))) {
                    READER.matcher(new String(file, StandardCharsets.UTF_8)).results()
                        .forEach(reader -> readers.add(reader.group(1)));
                }
            }
        }
    }

    private static byte[] content(JarFile jar, String name) throws IOException {
        ZipEntry entry = jar.getEntry(name);
        if (entry == null) {
            throw new IOException(jar.getName() + " has no \"" + name + "\", which its manifest names");
        }
        try (InputStream in = jar.getInputStream(entry)) {
            byte[] bytes = in.readNBytes(MAX_FILE + 1);
            if (bytes.length > MAX_FILE) {
                throw new IOException(jar.getName() + ": \"" + name + "\" is larger than " + MAX_FILE + " bytes");
            }
            return bytes;
        }
    }

    /** {@return the first problem of a configuration; certificates and scripts count as uploaded} */
    Optional<Problem> problem(Conf configuration) {
        Schema schema = registry.current();
        return schema.validate(configuration, new Facts() {
            @Override
            public ModuleTypes modules() {
                // Which interpreters there are is a question of its own.
                return type -> true;
            }

            @Override
            public boolean reads(String reader) {
                return reader.indexOf(':') < 0 || readers.contains(reader);
            }

            @Override
            public boolean certificate(String name) {
                return true;
            }

            @Override
            public boolean script(String name) {
                return true;
            }
        });
    }
}
