// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

/** Keeps a change that was made with {@code --confirm}. */
final class ConfirmVerb extends Verb {
    private static final String PATH = "/control/confirm";

    private final Argument<Boolean> show = flag("show what waits to be confirmed, and do not confirm it", "--show");
    private final Argument<Format> format = format();

    ConfirmVerb(Unitctl tool) {
        super(tool, "confirm", "Keeps a change that was made with --confirm.");
    }

    @Override
    public Integer call() throws Exception {
        return showEach(format.value(), show.value() ? Request.get(PATH) : Request.of("POST", PATH));
    }
}
