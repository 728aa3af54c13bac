// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfSyntaxException;
import io.margay.route.Filter;
import io.margay.route.FilterFactory;
import io.margay.route.RouteCompiler;
import io.margay.route.RouteException;
import io.margay.status.AskedInspector;
import io.margay.status.Inspector;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * The half in the router: checks the object {@code acme}, and while there is one answers those who ask for a token, as
 * the half in the controller tells. Compiled on the control thread, told on any.
 */
@Component(service = {FilterFactory.class, Inspector.class})
public final class AcmeFilterFactory implements FilterFactory, AskedInspector {
    /** Before all others: an authority neither logs in nor comes from a certain address. */
    private static final int ORDER = 0;

    private final Tokens tokens = new Tokens(System::nanoTime);

    /** Knows no token yet. */
    @Activate
    public AcmeFilterFactory() {
        // Nothing is answered before somebody tells a token.
    }

    @Override
    public String option() {
        return AcmeOptions.SECTION;
    }

    @Override
    public Scope scope() {
        return Scope.SERVER;
    }

    @Override
    public int order() {
        return ORDER;
    }

    @Override
    public Set<String> reads() {
        return Set.of("/" + AcmeOptions.SECTION);
    }

    @Override
    public Optional<Conf> implied(ConfObject configuration) {
        return configuration.get(AcmeOptions.SECTION);
    }

    @Override
    public Filter compile(Conf value, RouteCompiler compiler) {
        try {
            AcmeOptions.read(value);
        } catch (AcmeOptions.Fault e) {
            ConfPointer place = ConfPointer.ROOT.child(AcmeOptions.SECTION);
            for (String segment : e.place()) {
                place = place.child(segment);
            }
            throw new RouteException(place, e.getMessage());
        }
        return new ChallengeFilter(tokens);
    }

    @Override
    public String name() {
        return "acme";
    }

    /** Only how many there are: who reads this need not be able to answer. */
    @Override
    public Conf dump() {
        return ConfObject.builder().put("tokens", tokens.size()).build();
    }

    /** Takes {@code {"token": …, "answer": …}}, or without an answer to forget the token. */
    @Override
    public Conf answer(String question) {
        try {
            if (ConfParser.parse(question.getBytes(StandardCharsets.UTF_8)) instanceof ConfObject told
                    && told.string("token").isPresent()) {
                tokens.put(told.string("token").get(), told.string("answer"));
                return dump();
            }
        } catch (ConfSyntaxException e) {
            throw new IllegalArgumentException("it is no JSON", e);
        }
        throw new IllegalArgumentException("it is no object with a token");
    }
}
