// SPDX-License-Identifier: Apache-2.0
package io.margay.action.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.dispatch.AppPool;
import io.margay.dispatch.Applications;
import io.margay.route.Extensions;
import io.margay.route.RouteException;
import io.margay.route.Section;
import io.margay.route.SectionContext;
import io.margay.route.SectionFactory;
import io.margay.status.Inspectors;
import io.margay.testing.RouteSite;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The action {@code health}. */
class HealthActionTest {
    private ConfObject found = ConfObject.EMPTY;

    /** Applications of which none could be started. */
    private static final class LeftOut implements SectionFactory {
        @Override
        public String pointer() {
            return "/applications";
        }

        @Override
        public Section compile(Optional<Conf> value, SectionContext context) {
            return new Applications() {
                @Override
                public Map<String, String> staying() {
                    return Map.of();
                }

                @Override
                public Map<String, AppPool> pools() {
                    return Map.of();
                }

                @Override
                public void close() {
                }
            };
        }
    }

    private final Inspectors inspectors = new Inspectors() {
        @Override
        public List<String> names() {
            return List.of("health");
        }

        @Override
        public Optional<Conf> dump(String name) {
            return name.equals("health") && !found.isEmpty() ? Optional.of(found) : Optional.empty();
        }
    };

    private String ask(String health, String applications) {
        return new RouteSite(Extensions.builder().add(new HealthActionFactory(inspectors), RouteSite.ORIGIN)
            .add(new LeftOut(), RouteSite.ORIGIN), RouteSite.conf("{'listeners': {'*:80': {'pass': 'routes'}}, "
            + "'routes': [{'action': {'health': " + health + "}}], 'applications': " + applications + "}"))
            .ask("GET", "/");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {"'live'|{}|200|ok", "'ready'|{}|200|ok",
        "'live'|{'a': {}}|200|ok", "'ready'|{'a': {}}|200|degraded", "'app:a'|{'a': {}}|503|down"})
    void whatIsAskedForIsTold(String health, String applications, int status, String word) {
        String answer = ask(health, applications);
        assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
        assertTrue(answer.contains("\r\nContent-Type: application/json\r\n"), answer);
        assertTrue(answer.contains("\r\nCache-Control: no-store\r\n"), answer);
        assertTrue(answer.contains("{\"status\":\"" + word + "\""), answer);
        assertEquals(!word.equals("ok"), answer.contains("\"application a\":\"down\""), answer);
    }

    @Test
    void checksOfBundlesCount() {
        found = RouteSite.conf("{'checks': [{'name': 'disk', 'tags': ['ready'], 'status': 'degraded'}, "
            + "{'name': 'other', 'tags': ['app:a'], 'status': 'down'}]}");
        String ready = ask("'ready'", "{}");
        assertTrue(ready.startsWith("HTTP/1.1 200 "), ready);
        assertTrue(ready.endsWith("{\"status\":\"degraded\",\"parts\":{\"check disk\":\"degraded\"}}"), ready);
        assertTrue(ask("'live'", "{}").endsWith("{\"status\":\"ok\"}"));
        found = RouteSite.conf("{'checks': [{'name': 'disk', 'tags': ['ready'], 'status': 'down'}]}");
        assertTrue(ask("'ready'", "{}").startsWith("HTTP/1.1 503 "));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', value = {"5", "'x'", "''", "'app:'", "'app:b'", "['live']"})
    void whatNobodyCanTellIsRefused(String health) {
        RouteException thrown = assertThrows(RouteException.class, () -> ask(health, "{'a': {}}"));
        assertEquals("/routes/0/action/health", thrown.pointer());
        assertTrue(thrown.getMessage().contains("\"health\" value must be"), thrown.getMessage());
    }
}
