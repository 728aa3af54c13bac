// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.util.Optional;

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
        return showEach(Format.JSON_PRETTY, Request.get(PATH));
    }

    private static String path(long number) throws ToolException {
        if (number < 0) {
            throw ToolException.usage("a revision is a number, as `unitctl revisions list` shows it");
        }
        return PATH + "/" + number;
    }

    /** All. */
    private static final class Listing extends Verb {
        private final Argument<Format> format = format();

        Listing(Unitctl tool) {
            super(tool, "list", "Shows the revisions that are kept.");
        }

        @Override
        public Integer call() throws Exception {
            return showEach(format.value(), Request.get(PATH));
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
            return showEach(format.value(), Request.get(path(number.value())));
        }
    }

    /** Two. */
    private static final class Diff extends Verb {
        private static final long IN_FORCE = -1;

        private final Argument<Long> number = parameter(Long.class, null, "N", "the revision");
        private final Argument<Long> other = parameter(Long.class, IN_FORCE, "M", "the one to compare it with");
        private final Argument<Format> format = format();

        Diff(Unitctl tool) {
            super(tool, "diff", "Shows how one revision differs from another, or from the configuration in force.");
        }

        @Override
        public Integer call() throws Exception {
            String second = other.value() == IN_FORCE ? "" : path(other.value()).substring(PATH.length());
            return showEach(format.value(), Request.get(path(number.value()) + "/diff" + second));
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
                Reply reply = client.ask(Request.of("POST", path));
                change.remind(io());
                return Optional.of(value(client, reply));
            });
        }
    }
}
