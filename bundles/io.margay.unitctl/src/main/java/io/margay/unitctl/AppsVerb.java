// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

/** Shows and restarts applications. */
final class AppsVerb extends Verb {
    private static final String SECTION = "applications";

    AppsVerb(Unitctl tool) {
        super(tool, "apps", "Shows or restarts the applications.");
        spec().aliases("app");
        add(new Listing(tool));
        add(new Restart(tool));
    }

    @Override
    public Integer call() throws Exception {
        return showSection(Format.JSON_PRETTY, SECTION);
    }

    /** Shows them. */
    private static final class Listing extends Verb {
        private final Argument<Format> format = format();

        Listing(Unitctl tool) {
            super(tool, "list", "Shows the applications.");
        }

        @Override
        public Integer call() throws Exception {
            return showSection(format.value(), SECTION);
        }
    }

    /** Restarts one. */
    private static final class Restart extends Verb {
        private final Argument<String> name = parameter(String.class, null, "NAME", "of the application");
        private final Argument<Format> format = format();

        Restart(Unitctl tool) {
            super(tool, "restart", "Starts new processes for an application and lets the old ones finish.");
            spec().aliases("reload");
        }

        @Override
        public Integer call() throws Exception {
            return showEach(format.value(),
                ToolRequest.get("/control/applications/" + ToolRequest.segment(name.value()) + "/restart"));
        }
    }
}
