// SPDX-License-Identifier: Apache-2.0
package io.margay.itest.swap;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.http.BodyFilter;
import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.http.ResponseHead;
import io.margay.route.Action;
import io.margay.route.ActionFactory;
import io.margay.route.Filter;
import io.margay.route.FilterFactory;
import io.margay.route.Observer;
import io.margay.route.ObserverFactory;
import io.margay.route.RouteCompiler;
import io.margay.route.Section;
import io.margay.route.SectionContext;
import io.margay.route.SectionFactory;
import io.margay.route.TargetFactory;
import io.margay.route.Targets;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/**
 * An extension that exists only in tests, one of each kind that routes are made of. Every part answers with the version
 * of its bundle, so that a request that met two versions is seen. The header {@code Test} names a fault.
 */
public final class SwapExtension implements BundleActivator {

    private String version = "";
    private String fault = "";

    @Override
    public void start(BundleContext context) {
        version = context.getBundle().getVersion().toString();
        String test = context.getBundle().getHeaders("").get("Test");
        fault = test == null ? "" : test;
        if (fault.equals("activator")) {
            throw new IllegalStateException("no luck in the activator");
        }
        AtomicLong heard = new AtomicLong();
        context.registerService(ActionFactory.class, new Hold(version, fault), null);
        context.registerService(FilterFactory.class, new Mark(version), null);
        context.registerService(ObserverFactory.class, new Watch(heard), null);
        context.registerService(TargetFactory.class, new Echo(version, heard), null);
        context.registerService(SectionFactory.class, new Counter(fault), null);
    }

    @Override
    public void stop(BundleContext context) {
        // The framework takes the services back.
    }

    /** {@code "hold": "text"} answers with the text and the version. */
    private record Hold(String version, String fault) implements ActionFactory {

        @Override
        public String option() {
            return "hold";
        }

        @Override
        public Set<String> options() {
            return Set.of("hold");
        }

        @Override
        public Action compile(ConfObject action, RouteCompiler compiler) {
            if (fault.equals("factory")) {
                throw new IllegalStateException("no luck in the factory");
            }
            byte[] body = (action.string("hold").orElse("") + " " + version).getBytes(StandardCharsets.US_ASCII);
            return exchange -> exchange.respond(200, Fields.NONE, body);
        }
    }

    /** {@code "mark": true} adds the version to the response. */
    private record Mark(String version) implements FilterFactory {

        @Override
        public String option() {
            return "mark";
        }

        @Override
        public int order() {
            return 1500;
        }

        @Override
        public Filter compile(Conf value, RouteCompiler compiler) {
            AsciiString name = AsciiString.of("X-Mark");
            AsciiString text = AsciiString.of(version);
            byte[] end = (" by " + version).getBytes(StandardCharsets.US_ASCII);
            return new Filter() {
                @Override
                public Optional<BodyFilter> response(Exchange exchange, ResponseHead head) {
                    head.set(name, text);
                    return Optional.of((data, last, out) -> {
                        out.write(data.retain(), false);
                        if (last) {
                            out.write(Unpooled.wrappedBuffer(end), true);
                        }
                    });
                }
            };
        }
    }

    /** Hears of every exchange. */
    private record Watch(AtomicLong heard) implements ObserverFactory {

        @Override
        public String pointer() {
            return "";
        }

        @Override
        public Optional<Observer> compile(Optional<Conf> value, SectionContext context) {
            return Optional.of((exchange, complete) -> heard.incrementAndGet());
        }
    }

    /** A destination, which tells what the observer of the same version has heard of. */
    private record Echo(String version, AtomicLong heard) implements TargetFactory {

        @Override
        public String kind() {
            return "echo";
        }

        @Override
        public Targets compile(SectionContext context) {
            byte[] body = version.getBytes(StandardCharsets.US_ASCII);
            return (name, target) -> Optional.of(exchange ->
                exchange.respond(200, Fields.of("X-Heard", heard.toString()), body));
        }
    }

    /** A part of the configuration that holds something. */
    private record Counter(String fault) implements SectionFactory {

        @Override
        public String pointer() {
            return "/counter";
        }

        @Override
        public Section compile(Optional<Conf> value, SectionContext context) {
            return new Section() {
                @Override
                public CompletionStage<Void> start() {
                    return fault.equals("section") && value.isPresent()
                        ? CompletableFuture.failedFuture(new IllegalStateException("no luck in the section"))
                        : CompletableFuture.completedFuture(null);
                }

                @Override
                public void close() {
                    // It holds nothing.
                }
            };
        }
    }
}
