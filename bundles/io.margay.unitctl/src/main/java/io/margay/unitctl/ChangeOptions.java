// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

/** How a configuration is applied. */
final class ChangeOptions {
    private static final int MAX_CONFIRM = 3600;
    private static final int NOT_FOUND = 404;

    private final Argument<Boolean> dryRunOption;
    private final Argument<Integer> confirmOption;

    /** Declares the options. */
    ChangeOptions(Verb verb) {
        dryRunOption = verb.flag("let the server check the change without making it", "--dry-run");
        confirmOption = verb.option(Integer.class, null, "SECONDS",
            "undo the change unless `unitctl confirm` follows within so many seconds", "--confirm");
    }

    boolean dryRun() {
        return dryRunOption.value();
    }

    /**
     * {@return the path with the query that asks the server for this}
     *
     * @throws ToolException when the server would change its configuration for good, not knowing the query
     */
    String path(ControlClient client, String path) throws ToolException {
        boolean dryRun = dryRun();
        Integer confirm = confirmOption.value();
        if (confirm != null && (confirm < 1 || confirm > MAX_CONFIRM)) {
            throw ToolException.usage("--confirm takes a number of seconds from 1 to " + MAX_CONFIRM);
        }
        if (dryRun && confirm != null) {
            throw ToolException.usage("--dry-run and --confirm exclude each other");
        }
        if (!dryRun && confirm == null) {
            return path;
        }
        knowsDryRun(client, "neither --dry-run nor --confirm");
        return path + (path.indexOf('?') < 0 ? "?" : "&") + (dryRun ? "dry-run" : "confirm=" + confirm);
    }

    /**
     * Makes sure that a dry run is one: Unit ignores queries, there it would be a change.
     *
     * @param options what cannot be done otherwise
     */
    static void knowsDryRun(ControlClient client, String options) throws ToolException {
        if (client.send(ToolRequest.get("/control/revisions")).status() == NOT_FOUND) {
            throw ToolException.usage(client.name() + " keeps no revisions and knows " + options);
        }
    }

    /** Reminds the user of what is left to do. */
    void remind(Io io) {
        if (confirmOption.value() != null) {
            io.note("undone in " + confirmOption.value() + " s unless you confirm it: unitctl confirm");
        }
    }
}
