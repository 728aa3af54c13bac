// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.conf.ConfText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Writes what a server holds to an archive. */
final class ExportVerb extends Verb {
    private static final int FILE_MODE = 0100600;
    private static final int NOT_FOUND = 404;

    private final Argument<String> target = required("FILE.tar", "the archive; - is the standard output",
        "-f", "--file");

    ExportVerb(Unitctl tool) {
        super(tool, "export", "Writes what a server holds to an archive.",
            "It has config.json, js_modules/NAME and certificates/NAME.json and can be unpacked and "
            + "imported. Certificates are described only: no server gives out their keys.");
    }

    @Override
    public Integer call() throws Exception {
        List<ControlClient> clients = clients();
        Map<String, byte[]> entries = new LinkedHashMap<>();
        int code = onEach(Format.JSON, client -> {
            // Several servers: a directory for each.
            String top = clients.size() == 1 ? "" : ToolRequest.segment(client.name()).replace("/", "%2f") + "/";
            collect(client, top, entries);
            return Optional.empty();
        });
        if (code != ToolException.DONE) {
            return code;
        }
        String file = target.value();
        if (file.equals("-")) {
            io().out().write(archive(entries));
            io().out().flush();
        } else {
            write(Path.of(file), archive(entries));
        }
        return code;
    }

    private static void collect(ControlClient client, String top, Map<String, byte[]> entries) throws ToolException {
        members(client, "/certificates").members().forEach((name, value) ->
            entries.put(top + "certificates/" + ToolRequest.segment(name) + ".json", json(value)));
        members(client, "/js_modules").members().forEach((name, value) ->
            entries.put(top + "js_modules/" + ToolRequest.segment(name),
                value instanceof ConfString source ? ConfText.encode(source.value()) : json(value)));
        entries.put(top + "config.json", json(value(client, client.ask(ToolRequest.get("/config")))));
    }

    /** A server may be built without the one or the other. */
    private static ConfObject members(ControlClient client, String path) throws ToolException {
        ToolRequest request = ToolRequest.get(path);
        ServerReply reply = client.send(request);
        if (reply.status() == NOT_FOUND) {
            return ConfObject.EMPTY;
        }
        if (!reply.ok()) {
            throw new RefusedException(client.name(), request, reply);
        }
        return object(client, reply);
    }

    private static byte[] json(Conf value) {
        return ConfText.encode(JsonPrinter.print(value, false) + "\n");
    }

    private static byte[] archive(Map<String, byte[]> entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8")) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            tar.setAddPaxHeadersForNonAsciiNames(true);
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                TarArchiveEntry header = new TarArchiveEntry(entry.getKey());
                header.setSize(entry.getValue().length);
                header.setMode(FILE_MODE);
                tar.putArchiveEntry(header);
                tar.write(entry.getValue());
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    /** Whole or not at all, and for the user alone: environments of applications hold secrets. */
    private static void write(Path target, byte[] bytes) throws IOException {
        Path directory = target.toAbsolutePath().getParent();
        Path part = Files.createTempFile(directory, ".unitctl-", ".tar",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Files.write(part, bytes);
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
