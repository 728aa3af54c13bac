// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.lang.LanguageModule;
import io.margay.lang.ModuleCatalogue;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.PayloadException;
import io.margay.posix.Fd;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.InvalidSyntaxException;

/**
 * Takes the language modules that main passes: installs the same bytes, and remembers what they found on this
 * machine.
 */
final class ModuleInstaller {

    private static final int MAX_NEWS = 1 << 20;
    private static final int MAX_JAR = 32 << 20;

    private final BundleContext context;
    private ModuleCatalogue catalogue = ModuleCatalogue.of(List.of());

    ModuleInstaller(BundleContext context) {
        this.context = context;
    }

    /** What is installed on this machine. */
    ModuleCatalogue catalogue() {
        return catalogue;
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
     * @throws PayloadException when it is malformed or the bundle cannot be used; the message is for main's log
     */
    void accept(Message message) {
        ConfObject news;
        Optional<Fd> jar = message.take(1);
        try {
            news = (ConfObject) ConfParser.parse(LargePayload.receive(message, "modules_handler", MAX_NEWS));
            if (news.has("complete")) {
                catalogue = ModuleCatalogue.fromConf(news.get("catalogue").orElse(ConfArray.EMPTY));
            } else {
                install(news.string("bundle").orElse(""), bytes(jar, news.integer("size", -1)));
            }
        } catch (ConfSyntaxException | ClassCastException e) {
            throw new PayloadException("modules_handler: malformed news: " + e.getMessage());
        } finally {
            jar.ifPresent(Fd::close);
        }
    }

    private static byte[] bytes(Optional<Fd> jar, long size) {
        return LargePayload.content(jar.orElseThrow(() -> new PayloadException("modules_handler: no bundle")), size,
            "modules_handler", MAX_JAR);
    }

    private void install(String name, byte[] jar) {
        String location = "module:" + name;
        if (context.getBundle(location) != null) {
            return;
        }
        try {
            Bundle bundle = context.installBundle(location, new ByteArrayInputStream(jar));
            try {
                bundle.start();
            } catch (BundleException e) {
                bundle.uninstall();
                throw e;
            }
        } catch (BundleException e) {
            throw new PayloadException("bundle " + name + " cannot be started: " + e.getMessage());
        }
    }
}
