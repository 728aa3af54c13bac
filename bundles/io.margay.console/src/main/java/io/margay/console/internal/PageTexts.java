// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.ConfObject;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.Locale;
import java.util.Optional;
import java.util.ResourceBundle;
import java.util.Set;
import java.util.TreeSet;

/** The texts of our pages in the language that a browser prefers of those there are. */
final class PageTexts {
    private static final String BASE = "io.margay.console.texts.console";
    private static final Set<String> LANGUAGES = Set.of("en", "de");
    /** English is the file without a language; another language of this machine is no substitute. */
    private static final ResourceBundle.Control CONTROL =
        ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES);

    private final ResourceBundle bundle;
    private final Locale locale;

    private PageTexts(Locale locale) {
        this.locale = locale;
        this.bundle = ResourceBundle.getBundle(BASE, locale, PageTexts.class.getClassLoader(), CONTROL);
    }

    static PageTexts of(HttpServletRequest request) {
        return of(Collections.list(request.getLocales()).stream().filter(locale ->
            LANGUAGES.contains(locale.getLanguage())).findFirst().orElse(Locale.ENGLISH));
    }

    static PageTexts of(Locale locale) {
        return new PageTexts(Locale.forLanguageTag(locale.getLanguage()));
    }

    /** {@return the tag of the language} */
    String language() {
        return locale.getLanguage().isEmpty() ? "en" : locale.getLanguage();
    }

    /** {@return a text; {@code {0}} in it is the first value} */
    String get(String key, Object... values) {
        String text = bundle.getString(key);
        for (int i = 0; i < values.length; i++) {
            text = text.replace("{" + i + "}", String.valueOf(values[i]));
        }
        return text;
    }

    /** {@return a text that may not be there} */
    Optional<String> find(String key) {
        return bundle.containsKey(key) ? Optional.of(bundle.getString(key)) : Optional.empty();
    }

    /** {@return the texts for a script: those whose names begin with one of these words and a dot} */
    ConfObject all(Set<String> words) {
        ConfObject.Builder texts = ConfObject.builder();
        for (String key : new TreeSet<>(bundle.keySet())) {
            if (words.contains(key.substring(0, Math.max(0, key.indexOf('.'))))) {
                texts.put(key, bundle.getString(key));
            }
        }
        return texts.build();
    }
}
