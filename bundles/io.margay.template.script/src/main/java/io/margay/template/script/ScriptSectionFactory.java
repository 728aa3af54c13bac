// SPDX-License-Identifier: Apache-2.0
package io.margay.template.script;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfString;
import io.margay.route.Section;
import io.margay.route.SectionContext;
import io.margay.route.SectionFactory;
import io.margay.script.ScriptEngine;
import io.margay.script.ScriptSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The option {@code settings.js_module}, and with it all templates in JavaScript. */
@Component
public final class ScriptSectionFactory implements SectionFactory {
    private static final String OPTION = "js_module";

    private final ScriptEngine engine;
    private final ScriptSource source;
    private final LoopRealms realms;

    /** Creates the service; nothing is loaded. */
    @Activate
    public ScriptSectionFactory(@Reference ScriptEngine engine, @Reference ScriptSource source) {
        this.engine = engine;
        this.source = source;
        this.realms = new LoopRealms(engine);
    }

    @Override
    public String pointer() {
        return "/settings/" + OPTION;
    }

    @Override
    public boolean first() {
        return true;
    }

    @Override
    public Section compile(Optional<Conf> value, SectionContext context) {
        List<String> names = new ArrayList<>();
        if (value.isPresent() && value.get() instanceof ConfArray array) {
            array.elements().forEach(each -> names.add(name(each, context)));
        } else {
            value.ifPresent(each -> names.add(name(each, context)));
        }
        return new ScriptSection(names, engine, source, realms, context.at());
    }

    private static String name(Conf value, SectionContext context) {
        if (!(value instanceof ConfString text)) {
            throw context.error("", "The \"js_module\" array must contain only string values.");
        }
        if (!isIdentifier(text.value())) {
            throw context.error("", "The JS module \"" + text.value() + "\" has a name that scripts cannot use.");
        }
        return text.value();
    }

    private static boolean isIdentifier(String name) {
        return !name.isEmpty() && Character.isJavaIdentifierStart(name.codePointAt(0))
            && name.codePoints().allMatch(Character::isJavaIdentifierPart)
            && name.codePoints().noneMatch(Character::isIdentifierIgnorable);
    }
}
