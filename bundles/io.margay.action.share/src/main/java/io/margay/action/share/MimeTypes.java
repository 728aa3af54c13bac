// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.route.RouteCompiler;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** MIME types by file extension (spec/routing.md §7.1), immutable. */
final class MimeTypes {
    private static final String[] DEFAULTS = {
        "text/html .html .htm", "text/css .css", "image/svg+xml .svg", "image/webp .webp", "image/png .png",
        "image/apng .apng", "image/jpeg .jpeg .jpg", "image/gif .gif", "image/x-icon .ico", "image/avif .avif",
        "image/avif-sequence .avifs", "font/woff .woff", "font/woff2 .woff2", "font/otf .otf", "font/ttf .ttf",
        "text/plain .txt", "text/markdown .md", "text/x-rst .rst", "application/javascript .js .mjs",
        "application/json .json", "application/xml .xml", "application/rss+xml .rss", "application/atom+xml .atom",
        "application/pdf .pdf", "application/zip .zip", "audio/mpeg .mp3", "audio/ogg .ogg",
        "audio/midi .midi .mid", "audio/flac .flac", "audio/aac .aac", "audio/wav .wav", "video/mpeg .mpeg .mpg",
        "video/mp4 .mp4", "video/webm .webm", "video/x-msvideo .avi",
        "application/octet-stream .exe .bin .dll .iso .img .msi .deb .rpm", "application/x-httpd-php .php"};

    private final Map<String, String> types;

    private MimeTypes(Map<String, String> types) {
        this.types = Map.copyOf(types);
    }

    /**
     * The defaults with additions.
     *
     * @param added extensions of each type
     * @throws IllegalArgumentException if an extension is empty or has two types; the message is for the user
     */
    static MimeTypes with(Map<String, List<String>> added) {
        Map<String, String> own = new HashMap<>();
        added.forEach((type, extensions) -> {
            for (String extension : extensions) {
                if (extension.isEmpty()) {
                    throw new IllegalArgumentException("An empty file extension for the \"" + type
                        + "\" MIME type.");
                }
                String other = own.put(extension.toLowerCase(Locale.ROOT), type);
                if (other != null && !other.equals(type)) {
                    throw new IllegalArgumentException("The \"" + extension + "\" file extension has been declared "
                        + "for \"" + other + "\" and \"" + type + "\" MIME types at the same time.");
                }
            }
        });
        Map<String, String> all = new HashMap<>();
        for (String line : DEFAULTS) {
            String[] words = line.split(" ");
            for (int i = 1; i < words.length; i++) {
                all.put(words[i], words[0]);
            }
        }
        all.putAll(own);
        return new MimeTypes(all);
    }

    /**
     * Those of a configuration.
     *
     * @param option the member to blame when they are wrong
     */
    static MimeTypes of(RouteCompiler compiler, String option) {
        Map<String, List<String>> added = new LinkedHashMap<>();
        ConfObject own = compiler.settings().object("static").flatMap(s -> s.object("mime_types"))
            .orElse(ConfObject.EMPTY);
        own.members().forEach((type, value) -> {
            List<Conf> extensions = value instanceof ConfArray array ? array.elements() : List.of(value);
            added.put(type, extensions.stream().filter(ConfString.class::isInstance)
                .map(extension -> ((ConfString) extension).value()).toList());
        });
        try {
            return with(added);
        } catch (IllegalArgumentException e) {
            throw compiler.error(option, e.getMessage());
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MimeTypes mime && types.equals(mime.types);
    }

    @Override
    public int hashCode() {
        return types.hashCode();
    }

    /** The type of a file, by what follows the last dot of its name, or by the name if it has none. */
    Optional<String> of(AsciiString path) {
        int start = path.length();
        while (start > 0 && path.byteAt(start - 1) != '/') {
            start--;
            if (path.byteAt(start) == '.') {
                break;
            }
        }
        String extension = new String(path.array(), path.arrayOffset() + start, path.length() - start,
            StandardCharsets.UTF_8);
        return Optional.ofNullable(types.get(extension.toLowerCase(Locale.ROOT)));
    }
}
