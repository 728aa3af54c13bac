// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** Shows the configurations that were in force, and brings one back. */
final class RevisionsVerb extends Verb {
    private static final String PATH = "/control/revisions";

    RevisionsVerb(Unitctl tool) {
        super(tool, "revisions", "Shows earlier configurations and brings one back.");
        spec().aliases("revision");
        add(new Listing(tool));
        add(new Show(tool));
        add(new Diff(tool));
        add(new Rollback(tool));
    }

    @Override
    public Integer call() throws Exception {
        return lines(this, null, ToolRequest.get(PATH), RevisionsVerb::revision);
    }

    /**
     * Shows a list: as text on a terminal, else as JSON, unless a format is given.
     *
     * @param chosen the format, null when none is given
     */
    private static int lines(Verb verb, Format chosen, ToolRequest request, Function<ConfObject, String> line)
            throws Exception {
        Format format = chosen != null ? chosen : verb.io().screen() ? Format.TEXT : Format.JSON_PRETTY;
        if (format != Format.TEXT) {
            return verb.showEach(format, request);
        }
        boolean several = verb.clients().size() > 1;
        return verb.onEach(format, client -> {
            if (several) {
                verb.io().out().println(client.name());
            }
            List<Conf> elements = value(client, client.ask(request)) instanceof ConfArray array ? array.elements()
                : List.of();
            for (Conf element : elements) {
                verb.io().out().println(Io.harmless(line.apply(element instanceof ConfObject object ? object
                    : ConfObject.EMPTY)));
            }
            return Optional.empty();
        });
    }

    private static String revision(ConfObject note) {
        ConfObject peer = note.object("peer").orElse(ConfObject.EMPTY);
        String who = peer.string("address").orElse(peer.has("uid") ? "uid " + peer.integer("uid", 0) : "");
        return String.format(Locale.ROOT, "%6d %s %s  %-6s %s  %s", note.integer("number", 0),
            note.bool("current", false) ? "*" : " ", note.string("time").orElse(""),
            note.string("method").orElse(""), note.string("path").orElse(""), who).stripTrailing();
    }

    private static String path(long number) throws ToolException {
        if (number < 0) {
            throw ToolException.usage("a revision is a number, as `unitctl revisions list` shows it");
        }
        return PATH + "/" + number;
    }

    /** All. */
    private static final class Listing extends Verb {
        private final Argument<Format> format = format(null, "text on a terminal, else json-pretty: ");

        Listing(Unitctl tool) {
            super(tool, "list", "Shows the revisions that are kept.");
        }

        @Override
        public Integer call() throws Exception {
            return lines(this, format.value(), ToolRequest.get(PATH), RevisionsVerb::revision);
        }
    }

    /** One. */
    private static final class Show extends Verb {
        private final Argument<Long> number = parameter(Long.class, null, "N", "the revision");
        private final Argument<Format> format = format();

        Show(Unitctl tool) {
            super(tool, "show", "Shows one revision.");
        }

        @Override
        public Integer call() throws Exception {
            return showEach(format.value(), ToolRequest.get(path(number.value())));
        }
    }

    /** Two. */
    private static final class Diff extends Verb {
        private static final long IN_FORCE = -1;

        private final Argument<Long> number = parameter(Long.class, null, "N", "the revision");
        private final Argument<Long> other = parameter(Long.class, IN_FORCE, "M", "the one to compare it with");
        private final Argument<Format> format = format(null, "text on a terminal, else json-pretty: ");

        Diff(Unitctl tool) {
            super(tool, "diff", "Shows how one revision differs from another, or from the configuration in force.");
        }

        @Override
        public Integer call() throws Exception {
            String second = other.value() == IN_FORCE ? "" : path(other.value()).substring(PATH.length());
            ToolRequest request = ToolRequest.get(path(number.value()) + "/diff" + second);
            return lines(this, format.value(), request, ChangeLine::of);
        }
    }

    /** Back to one. */
    private static final class Rollback extends Verb {
        private final Argument<Long> number = parameter(Long.class, null, "N", "the revision");
        private final ChangeOptions change = new ChangeOptions(this);
        private final Argument<Format> format = format();

        Rollback(Unitctl tool) {
            super(tool, "rollback", "Brings the configuration of a revision into force again.");
        }

        @Override
        public Integer call() throws Exception {
            return onEach(format.value(), client -> {
                String path = change.path(client, path(number.value()) + "/rollback");
                ServerReply reply = client.ask(ToolRequest.of("POST", path));
                change.remind(io());
                return Optional.of(value(client, reply));
            });
        }
    }
}
