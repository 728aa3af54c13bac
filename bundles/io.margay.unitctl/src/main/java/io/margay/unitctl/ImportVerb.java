// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import io.margay.conf.ConfString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Uploads certificates and scripts, then the configuration that names them. */
final class ImportVerb extends Verb {
    private static final int MAX_FILES = 10_000;
    private static final String TRIAL = ".unitctl-trial";

    private final Argument<String[]> sources = parameters("1..*", "DIR|FILE", "what to upload");
    private final ChangeOptions change = new ChangeOptions(this);

    ImportVerb(Unitctl tool) {
        super(tool, "import", "Uploads certificates, scripts and the configuration that names them.",
            "Files, and those below directories: first .pem to /certificates/NAME, then .js to "
            + "/js_modules/NAME, then one .json, .yaml or .yml to /config. NAME is the name of the file; below a "
            + "directory \"certificates\" or \"js_modules\" it needs no ending.");
    }

    /** What a file is; in the order of upload, since a configuration names what must be there. */
    private enum Kind { CERTIFICATE, SCRIPT, CONFIGURATION }

    /**
     * A file to upload.
     *
     * @param body as servers take it
     */
    private record Upload(Kind kind, Path file, byte[] body) {
        String path() {
            String name = ToolRequest.segment(file.getFileName().toString());
            return switch (kind) {
                case CERTIFICATE -> "/certificates/" + name;
                case SCRIPT -> "/js_modules/" + name;
                case CONFIGURATION -> "/config";
            };
        }
    }

    @Override
    public Integer call() throws Exception {
        List<Upload> uploads = uploads();
        boolean several = clients().size() > 1;
        return onEach(Format.JSON_PRETTY, client -> {
            String label = several ? client.name() + ": " : "";
            for (Upload upload : uploads) {
                boolean sent = send(client, upload);
                io().out().println(Io.harmless(label + (sent ? "Imported " : "Would import ") + upload.file() + " -> "
                    + upload.path()));
            }
            if (!change.dryRun()) {
                io().out().println(label + "Imported " + uploads.size() + (uploads.size() == 1 ? " file" : " files"));
            }
            change.remind(io());
            return Optional.empty();
        });
    }

    private List<Upload> uploads() throws ToolException, IOException {
        List<Upload> uploads = new ArrayList<>();
        for (Path file : files()) {
            Optional<Kind> kind = kind(file);
            if (kind.isEmpty()) {
                io().note("left out, neither .pem, .js, .json nor .yaml: " + file);
                continue;
            }
            byte[] bytes = ToolContent.bounded(file);
            try {
                boolean yaml = kind.get() == Kind.CONFIGURATION && ToolContent.isYaml(file);
                uploads.add(new Upload(kind.get(), file, yaml ? ToolContent.json(bytes) : bytes));
            } catch (ToolException e) {
                throw ToolException.usage(file + ": " + e.getMessage());
            }
        }
        List<Upload> configurations = uploads.stream().filter(u -> u.kind() == Kind.CONFIGURATION).toList();
        if (configurations.size() > 1) {
            throw ToolException.usage("more than one configuration: " + configurations.get(0).file() + " and "
                + configurations.get(1).file());
        }
        if (uploads.isEmpty()) {
            throw ToolException.usage("nothing to import");
        }
        uploads.sort((one, other) -> one.kind().compareTo(other.kind()));
        return uploads;
    }

    /** The files given and those below the directories given, without hidden ones. */
    private List<Path> files() throws ToolException, IOException {
        List<Path> files = new ArrayList<>();
        for (String given : sources.value()) {
            Path source = Path.of(given);
            if (!Files.isDirectory(source)) {
                files.add(source);
                continue;
            }
            try (Stream<Path> below = Files.walk(source)) {
                below.filter(file -> Files.isRegularFile(file) && !hidden(source.relativize(file)))
                    .sorted().limit(MAX_FILES + 1L).forEach(files::add);
            }
        }
        if (files.size() > MAX_FILES) {
            throw ToolException.usage("more than " + MAX_FILES + " files");
        }
        return files;
    }

    private static boolean hidden(Path relative) {
        for (Path name : relative) {
            if (name.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }

    private static Optional<Kind> kind(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        Path parent = file.toAbsolutePath().getParent();
        String directory = parent == null ? "" : String.valueOf(parent.getFileName());
        boolean configuration = name.endsWith(".json") || ToolContent.isYaml(file);
        if (name.endsWith(".pem")) {
            return Optional.of(Kind.CERTIFICATE);
        } else if (name.endsWith(".js") || directory.equals("js_modules")) {
            return Optional.of(Kind.SCRIPT);
        } else if (directory.equals("certificates")) {
            // What an export writes there tells of a certificate; servers never give its key away.
            return configuration ? Optional.empty() : Optional.of(Kind.CERTIFICATE);
        }
        return configuration ? Optional.of(Kind.CONFIGURATION) : Optional.empty();
    }

    /** {@return whether the server has it now; a dry run asks it about the configuration only} */
    private boolean send(ControlClient client, Upload upload) throws ToolException {
        if (upload.kind() == Kind.CONFIGURATION) {
            client.ask(ToolRequest.of("PUT", change.path(client, upload.path()), upload.body()));
            return !change.dryRun();
        }
        if (change.dryRun()) {
            return false;
        }
        try {
            client.ask(ToolRequest.of("PUT", upload.path(), upload.body()));
        } catch (RefusedException e) {
            if (!e.error().endsWith("already exists.")) {
                throw e;
            }
            replace(client, upload);
        }
        return true;
    }

    /** A name is never overwritten (§8.1). The old one goes when the server took the new one under another name. */
    private static void replace(ControlClient client, Upload upload) throws ToolException {
        if (upload.kind() == Kind.SCRIPT) {
            Conf old = value(client, client.ask(ToolRequest.get(upload.path())));
            String source = new String(upload.body(), StandardCharsets.UTF_8);
            if (old instanceof ConfString string && string.value().equals(source)) {
                return;
            }
        }
        String trial = upload.path() + TRIAL;
        client.ask(ToolRequest.of("PUT", trial, upload.body()));
        client.ask(ToolRequest.of("DELETE", trial));
        client.ask(ToolRequest.of("DELETE", upload.path()));
        client.ask(ToolRequest.of("PUT", upload.path(), upload.body()));
    }
}
