// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

/** Keeps a change that was made with {@code --confirm}, or takes it back. */
final class ConfirmVerb extends Verb {
    private static final String PATH = "/control/confirm";

    private final Argument<Boolean> show = flag("show what waits to be confirmed, and do not confirm it", "--show");
    private final Argument<Boolean> undo = flag("take the change back at once", "--undo");
    private final Argument<Format> format = format();

    ConfirmVerb(Unitctl tool) {
        super(tool, "confirm", "Keeps a change that was made with --confirm.");
    }

    @Override
    public Integer call() throws Exception {
        if (show.value() && undo.value()) {
            throw ToolException.usage("--show and --undo exclude each other");
        }
        return showEach(format.value(), show.value() ? ToolRequest.get(PATH)
            : ToolRequest.of(undo.value() ? "DELETE" : "POST", PATH));
    }
}
