// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who has what when several bundles want it. */
class ExtensionsTest {
    private static final Extensions.Origin OLD = new Extensions.Origin(10, "old");
    private static final Extensions.Origin NEW = new Extensions.Origin(20, "new");

    static ActionFactory action(String name, String... more) {
        return new ActionFactory() {
            @Override
            public String option() {
                return name;
            }

            @Override
            public Set<String> options() {
                return more.length == 0 ? Set.of(name) : Set.of(more);
            }

            @Override
            public Action compile(ConfObject action, RouteCompiler compiler) {
                return exchange -> exchange.fail(404);
            }
        };
    }

    static FilterFactory filter(String name, FilterFactory.Scope scope, int order) {
        return new FilterOf(name, scope, order, value -> new Filter() { });
    }

    static SectionFactory section(String pointer) {
        return new SectionFactory() {
            @Override
            public String pointer() {
                return pointer;
            }

            @Override
            public Section compile(Optional<Conf> value, SectionContext context) {
                return Section.NONE;
            }
        };
    }

    static ObserverFactory observer(String pointer) {
        return new ObserverFactory() {
            @Override
            public String pointer() {
                return pointer;
            }

            @Override
            public Optional<Observer> compile(Optional<Conf> value, SectionContext context) {
                return Optional.empty();
            }
        };
    }

    static TargetFactory target(String kind) {
        return new TargetFactory() {
            @Override
            public String kind() {
                return kind;
            }

            @Override
            public Targets compile(SectionContext context) {
                return (name, target) -> Optional.empty();
            }
        };
    }

    /** {@code action:NAME}, {@code filter:NAME}, {@code listener:NAME}, {@code section:}, {@code observer:}. */
    private static void add(Extensions.Builder builder, String what, Extensions.Origin origin) {
        String name = what.substring(what.indexOf(':') + 1);
        switch (what.substring(0, what.indexOf(':'))) {
            case "action" -> builder.add(action(name), origin);
            case "with" -> builder.add(action("with", "with", name), origin);
            case "filter" -> builder.add(filter(name, FilterFactory.Scope.ACTION, 1), origin);
            case "listener" -> builder.add(filter(name, FilterFactory.Scope.LISTENER, 1), origin);
            case "section" -> builder.add(section(name), origin);
            case "observer" -> builder.add(observer(name), origin);
            case "target" -> builder.add(target(name), origin);
            default -> throw new IllegalArgumentException(what);
        }
    }

    @ParameterizedTest
    @CsvSource({"action:a, action:a, the action \"a\"", "filter:f, filter:f, the filter \"f\"",
        "listener:f, listener:f, the filter \"f\"", "with:f, filter:f, the option \"f\"",
        "filter:f, with:f, the option \"f\"", "section:/s, section:/s, the section \"/s\"",
        "section:/s, observer:/s, the section \"/s\"", "target:t, target:t, the destination \"t\""})
    void theOlderServiceWins(String first, String second, String what) {
        for (int turn = 0; turn < 2; turn++) {
            Extensions.Builder builder = Extensions.builder();
            add(builder, turn == 0 ? first : second, turn == 0 ? OLD : NEW);
            add(builder, turn == 0 ? second : first, turn == 0 ? NEW : OLD);
            assertEquals(List.of(new Extensions.Refused("new", "is not used: " + what + " is that of the bundle old")),
                builder.build().refused());
        }
    }

    @ParameterizedTest
    @CsvSource({"action:pass, the action \"pass\"", "action:rewrite, the action \"rewrite\"",
        "filter:pass, the option \"pass\"", "filter:rewrite, the option \"rewrite\"",
        "listener:pass, the listener option \"pass\"", "listener:tls, the listener option \"tls\"",
        "section:/routes, the section \"/routes\"", "section:/routes/x, the section \"/routes/x\"",
        "section:/settings, the section \"/settings\"", "section:/settings/http/log_route/x, "
            + "the section \"/settings/http/log_route/x\"", "section:'', the section \"\"",
        "target:routes, the destination \"routes\""})
    void whatTheServerHasItKeeps(String what, String text) {
        Extensions.Builder builder = Extensions.builder().host("/listeners/*/tls");
        add(builder, what.replace("'", ""), OLD);
        assertEquals(List.of(new Extensions.Refused("old", "is not used: " + text + " is that of the server")),
            builder.build().refused());
    }

    @Test
    void aBundleMayObserveItsOwnSection() {
        Extensions extensions = Extensions.builder().add(section("/access_log"), OLD)
            .add(observer("/access_log"), OLD).add(observer(""), OLD).add(observer(""), NEW).build();
        assertEquals(List.of(), extensions.refused());
        assertEquals(3, extensions.observers().size());
        Extensions inverse = Extensions.builder().add(observer("/access_log"), OLD).add(section("/access_log"), OLD)
            .add(section("/access_log"), NEW).build();
        assertEquals(List.of("new"), inverse.refused().stream().map(Extensions.Refused::bundle).toList());
        assertEquals(1, inverse.sections().size());
    }

    @Test
    void whatCannotSayWhatItIsHasNoPart() {
        ActionFactory thrower = new ActionFactory() {
            @Override
            public String option() {
                throw new IllegalStateException("no");
            }

            @Override
            public Set<String> options() {
                return Set.of();
            }

            @Override
            public Action compile(ConfObject action, RouteCompiler compiler) {
                throw new IllegalStateException("no");
            }
        };
        Extensions extensions = Extensions.builder().add(thrower, OLD).add(action("a"), NEW)
            .add(section("no pointer"), OLD).build();
        assertEquals(Set.of("action:a"), extensions.readers());
        assertEquals(List.of("old", "old"), extensions.refused().stream().map(Extensions.Refused::bundle).toList());
    }

    @Test
    void readersAreNamedAsInSchemas() {
        Extensions.Builder builder = Extensions.builder();
        List.of("action:a", "filter:f", "listener:l", "section:/s", "observer:/o", "target:t")
            .forEach(what -> add(builder, what, OLD));
        assertEquals(Set.of("action:a", "filter:f", "filter:l", "section:/s", "section:/o", "target:t"),
            builder.build().readers());
    }

    @Test
    void filtersAreOrdered() {
        Extensions extensions = Extensions.builder().add(filter("b", FilterFactory.Scope.ACTION, 5), OLD)
            .add(filter("c", FilterFactory.Scope.ACTION, 1), NEW).add(filter("a", FilterFactory.Scope.ACTION, 5), NEW)
            .build();
        assertEquals(List.of("c", "a", "b"), extensions.filters(FilterFactory.Scope.ACTION).stream()
            .map(Extensions.Entry::name).toList());
    }
}
