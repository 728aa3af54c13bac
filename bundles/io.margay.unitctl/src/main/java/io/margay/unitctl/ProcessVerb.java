// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

/** Replaces processes of the server itself. */
final class ProcessVerb extends Verb {

    ProcessVerb(Unitctl tool) {
        super(tool, "process", "Lists what can be seen of the server's own processes, or replaces one.");
        spec().aliases("processes");
        add(new Restart(tool));
    }

    /** What there is to see of each. */
    @Override
    public Integer call() throws Exception {
        return showEach(Format.JSON_PRETTY, ToolRequest.get("/control/inspect"));
    }

    /** Replaces one. */
    private static final class Restart extends Verb {
        private final Argument<String> kind = parameter(String.class, null, "KIND",
            "of the process: router or controller");
        private final Argument<Integer> seconds = option(Integer.class, null, "N",
            "how long connections of the old process may last, in seconds", "--seconds");
        private final Argument<Format> format = format();

        Restart(Unitctl tool) {
            super(tool, "restart", "Has a new process take the place of the old one, without a lost request.");
            spec().aliases("replace");
        }

        @Override
        public Integer call() throws Exception {
            return showEach(format.value(), ToolRequest.get("/control/processes/" + ToolRequest.segment(kind.value())
                + "/restart" + (seconds.value() == null ? "" : "?seconds=" + seconds.value())));
        }
    }
}
