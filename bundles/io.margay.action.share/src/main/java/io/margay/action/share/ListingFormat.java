// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import io.margay.conf.ConfWriter;
import io.margay.http.HttpDate;
import io.margay.posix.FileStatus;
import io.margay.route.UriEncoding;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** How a directory is shown: as a page for people, or for programs. */
enum ListingFormat {
    /** A page with a table. */
    HTML("text/html; charset=utf-8") {
        @Override
        String write(DirectoryListing.Content content) {
            String title = "Index of " + escape(text(content.path()));
            StringBuilder out = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
                + "<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>")
                .append(title).append("</title>\n</head>\n<body>\n<main>\n<h1>").append(title)
                .append("</h1>\n<table>\n<thead>\n<tr><th scope=\"col\">Name</th><th scope=\"col\">Size</th>"
                    + "<th scope=\"col\">Last modified (UTC)</th></tr>\n</thead>\n<tbody>\n");
            if (content.path().length() > 1) {
                out.append("<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n");
            }
            content.items().forEach(item -> row(item, out));
            out.append("</tbody>\n</table>\n");
            if (content.more()) {
                out.append("<p>There are more than ").append(DirectoryListing.MOST)
                    .append(" entries; these are not all.</p>\n");
            }
            return out.append("</main>\n</body>\n</html>\n").toString();
        }

        private void row(DirectoryListing.Item item, StringBuilder out) {
            FileStatus status = item.status();
            String slash = status.isDirectory() ? "/" : "";
            // Behind "./" a name with a colon is no scheme.
            out.append("<tr><td><a href=\"./")
                .append(escape(UriEncoding.path(new AsciiString(item.name(), false)).toString())).append(slash)
                .append("\">").append(escape(new String(item.name(), StandardCharsets.UTF_8))).append(slash)
                .append("</a></td><td>").append(status.isDirectory() ? "" : Long.toString(status.size()))
                .append("</td><td>").append(TIME.format(Instant.ofEpochSecond(status.modifiedSeconds())))
                .append("</td></tr>\n");
        }
    },
    /** An object. */
    JSON("application/json") {
        @Override
        String write(DirectoryListing.Content content) {
            StringBuilder out = new StringBuilder("{\"path\": ").append(ConfWriter.quoted(text(content.path())))
                .append(", \"entries\": [");
            String separator = "";
            for (DirectoryListing.Item item : content.items()) {
                FileStatus status = item.status();
                byte[] date = new byte[HttpDate.LENGTH];
                HttpDate.write(status.modifiedSeconds(), date, 0);
                out.append(separator).append("\n  {\"name\": ")
                    .append(ConfWriter.quoted(new String(item.name(), StandardCharsets.UTF_8))).append(", \"type\": \"")
                    .append(status.isDirectory() ? "directory" : "file").append("\", \"mtime\": \"")
                    .append(new String(date, StandardCharsets.US_ASCII)).append('"');
                if (!status.isDirectory()) {
                    out.append(", \"size\": ").append(status.size());
                }
                out.append('}');
                separator = ",";
            }
            return out.append("\n], \"more\": ").append(content.more()).append("}\n").toString();
        }
    };

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss")
        .withZone(ZoneOffset.UTC);

    private final AsciiString type;

    ListingFormat(String type) {
        this.type = AsciiString.cached(type);
    }

    /** Its media type. */
    AsciiString type() {
        return type;
    }

    /** The text of a response. */
    abstract String write(DirectoryListing.Content content);

    private static String text(AsciiString bytes) {
        return Resolver.text(bytes);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&#34;")
            .replace("'", "&#39;");
    }
}
