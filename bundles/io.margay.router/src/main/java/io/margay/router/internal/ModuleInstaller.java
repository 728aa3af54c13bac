// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.lang.LanguageModule;
import io.margay.lang.ModuleCatalogue;
import io.margay.lang.ModuleReceiver;
import io.margay.port.Message;
import java.util.Optional;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;

/**
 * Takes the language modules that main passes: installs the same bytes, and remembers what they found on this
 * machine.
 */
final class ModuleInstaller {

    private final BundleContext context;
    private final ModuleReceiver receiver;

    ModuleInstaller(BundleContext context) {
        this.context = context;
        this.receiver = new ModuleReceiver(context, true);
    }

    /** What is installed on this machine. */
    ModuleCatalogue catalogue() {
        return receiver.catalogue();
    }

    /** The language of a configured type. */
    Optional<LanguageModule> language(String type) {
        String word = ModuleCatalogue.word(type);
        try {
            return context.getServiceReferences(LanguageModule.class, null).stream().map(context::getService)
                .filter(language -> language != null && language.type().equals(word)).findFirst();
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Takes one piece of news.
     *
     * @throws io.margay.port.PayloadException when it is malformed or the bundle cannot be used; the text is for
     * main's log
     */
    void accept(Message message) {
        receiver.accept(message);
    }
}
