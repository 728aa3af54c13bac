// SPDX-License-Identifier: Apache-2.0
package io.margay.status.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.status.Inspector;
import io.margay.status.Listing;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.osgi.service.component.annotations.Component;

/** The open descriptors of this process; the one that reads the list is among them. */
@Component
public final class DescriptorInspector implements Inspector {

    private static final Path OPEN = Path.of("/proc/self/fd");

    @Override
    public String name() {
        return "descriptors";
    }

    @Override
    public Conf dump() {
        Map<Integer, String> open = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(OPEN)) {
            for (Path entry : entries) {
                open.put(Integer.parseInt(entry.getFileName().toString()), target(entry));
            }
        } catch (IOException e) {
            return ConfObject.builder().put("error", String.valueOf(e)).build();
        }
        Listing list = new Listing();
        open.forEach((number, target) ->
            list.add(ConfObject.builder().put("number", number).put("target", target).build()));
        return list.under("descriptors");
    }

    private static String target(Path entry) {
        try {
            return Files.readSymbolicLink(entry).toString();
        } catch (IOException e) {
            // Closed in the meantime.
            return "";
        }
    }
}
