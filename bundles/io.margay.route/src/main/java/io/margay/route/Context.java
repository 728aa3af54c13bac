// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.http.Exchange;
import io.margay.http.ExchangeHandler;
import io.margay.http.PeerAddress;
import io.margay.log.ErrorLog;
import java.util.Optional;
import java.util.function.Predicate;

/** What all extensions may use while they compile. */
class Context implements PlanContext {
    private final PlanCompiler plan;
    private final ConfPointer at;

    Context(PlanCompiler plan, ConfPointer at) {
        this.plan = plan;
        this.at = at;
    }

    PlanCompiler plan() {
        return plan;
    }

    @Override
    public ConfObject configuration() {
        return plan.configuration();
    }

    @Override
    public ConfPointer at() {
        return at;
    }

    @Override
    public Optional<Section> section(String pointer) {
        return plan.section(pointer);
    }

    @Override
    public ErrorLog log() {
        return plan.log();
    }

    @Override
    public void own(AutoCloseable resource) {
        plan.owned().add(resource);
    }

    @Override
    public Template template(String option, String text) {
        return plan.templates().compile(text, option, place(option));
    }

    @Override
    public Predicate<Exchange> condition(String option, String text) {
        return plan.templates().condition(text, option, place(option))::test;
    }

    @Override
    public TextMatch patterns(String option, Conf value) {
        return Patterns.compile(value, TextPattern.Form.ANY_CASE, option, place(option));
    }

    @Override
    public Predicate<PeerAddress> addresses(String option, Conf value) {
        return AddressMatch.compile(value, place(option))::test;
    }

    @Override
    public Action pass(String option, String destination) {
        return plan.destinations().pass(destination, place(option), plan.templates());
    }

    @Override
    public ExchangeHandler entrance(String option, String name, String destination) {
        return plan.entrance(place(option), name, destination);
    }

    @Override
    public PlanContext child(String member) {
        return new Context(plan, at.child(member));
    }

    @Override
    public RouteException error(String option, String reason) {
        return new RouteException(place(option), reason);
    }

    private ConfPointer place(String option) {
        return option.isEmpty() ? at : at.child(option);
    }

    /** For sections, targets and observers. */
    static final class OfSection extends Context implements SectionContext {
        private final Optional<Section> previous;

        OfSection(PlanCompiler plan, ConfPointer at, Optional<Section> previous) {
            super(plan, at);
            this.previous = previous;
        }

        @Override
        public Optional<Section> previous() {
            return previous;
        }

        @Override
        public boolean isLeftOut(ConfPointer part) {
            return plan().isLeftOut(part);
        }
    }

    /** For actions and filters. */
    static final class OfObject extends Context implements RouteCompiler {
        private final ConfObject object;

        OfObject(PlanCompiler plan, ConfObject object, ConfPointer at) {
            super(plan, at);
            this.object = object;
        }

        @Override
        public RouteCompiler child(String member) {
            return new OfObject(plan(), object.object(member).orElse(ConfObject.EMPTY), at().child(member));
        }

        @Override
        public Optional<Conf> member(String name) {
            return PlanCompiler.present(object, name);
        }

        @Override
        public Action action(String option, ConfObject nested) {
            return plan().actions().compile(nested, at().child(option));
        }

        @Override
        public ConfObject settings() {
            return configuration().object("settings").flatMap(s -> s.object("http")).orElse(ConfObject.EMPTY);
        }
    }
}
