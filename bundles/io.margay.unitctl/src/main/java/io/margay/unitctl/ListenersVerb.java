// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

/** Shows the listeners. */
final class ListenersVerb extends Verb {
    private final Argument<Format> format = format();

    ListenersVerb(Unitctl tool) {
        super(tool, "listeners", "Shows the listeners.");
    }

    @Override
    public Integer call() throws Exception {
        return showSection(format.value(), "listeners");
    }
}
