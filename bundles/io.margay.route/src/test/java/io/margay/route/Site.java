// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.engine.Generation;
import io.margay.http.Exchange;
import io.margay.http.ExchangeHandler;
import io.margay.http.Fields;
import io.margay.http.HttpBinding;
import io.margay.http.HttpLoop;
import io.margay.http.HttpServer;
import io.margay.protocol.http1.Http1Protocol;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A configuration in single quotes with one listener, and requests to it without a socket. */
final class Site {
    static final Extensions.Origin ORIGIN = new Extensions.Origin(1, "test");

    /** Answers with the text of its option and the path: {@code {"text": "a"}} gives {@code a /path}. */
    private static final ActionFactory TEXT = new ActionFactory() {
        @Override
        public String option() {
            return "text";
        }

        @Override
        public Set<String> options() {
            return Set.of("text", "fallback");
        }

        @Override
        public Action compile(ConfObject action, RouteCompiler compiler) {
            Template template = compiler.template("text", action.string("text").orElseThrow());
            return e -> answer(e, template.evaluate(e));
        }
    };

    private final List<String> lines = new ArrayList<>();
    private final RoutePlan plan;
    private final ConfObject config;

    Site(String text) {
        this(text, extensions());
    }

    Site(String text, Extensions.Builder extensions) {
        config = conf(text);
        plan = RoutePlan.compile(config, extensions.build(), Optional.empty(),
            (level, line) -> lines.add(level.word() + " " + line));
    }

    /** Extensions with the action {@code text} and applications, all but {@code none}. */
    static Extensions.Builder extensions() {
        return Extensions.builder().add(TEXT, ORIGIN).add(new TargetFactory() {
            @Override
            public String kind() {
                return "applications";
            }

            @Override
            public Targets compile(SectionContext context) {
                return (name, target) -> name.orElseThrow().equals("none") ? Optional.empty()
                    : Optional.of(e -> answer(e,
                        AsciiString.of("app " + name.get() + target.map(t -> "/" + t).orElse(""))));
            }
        }, ORIGIN);
    }

    /** Reads a configuration in single quotes. */
    static ConfObject conf(String text) {
        try {
            return (ConfObject) ConfParser.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        } catch (ConfSyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** The way of a request in single quotes that is only assumed. */
    ConfObject explain(String request) {
        return plan.explain(conf(request));
    }

    /** The lines of the log so far. */
    List<String> lines() {
        return lines;
    }

    /** A site whose only route has these steps. */
    static Site steps(String steps) {
        return new Site("{'listeners': {'*:80': {'pass': 'routes'}}, 'routes': [" + steps + "]}");
    }

    private static void answer(Exchange e, AsciiString text) {
        e.respond(200, Fields.NONE, text.concat(" ").concat(e.request().path()).toByteArray());
    }

    /** The whole response to a request. */
    String ask(String request) {
        EmbeddedChannel channel = send(request);
        String all = received(channel);
        channel.finishAndReleaseAll();
        return all;
    }

    /** A connection on which a request was sent. */
    EmbeddedChannel send(String request) {
        return send(plan.handler("*:80").orElseThrow(), request);
    }

    /** The whole response to a request that comes by another way than a listener. */
    String enter(ExchangeHandler way, String request) {
        EmbeddedChannel channel = send(way, request);
        String all = received(channel);
        channel.finishAndReleaseAll();
        return all;
    }

    private EmbeddedChannel send(ExchangeHandler way, String request) {
        EmbeddedChannel channel = new EmbeddedChannel();
        HttpServer server = new HttpServer(new HttpBinding(SettingsReader.read(config, "/tmp"),
            way, new Generation(), false));
        new Http1Protocol().attach(channel, server, new HttpLoop(channel.eventLoop(), 0, "1.35.0",
            (level, line) -> lines.add(level.word() + " " + line)));
        byte[] bytes = request.getBytes(StandardCharsets.ISO_8859_1);
        channel.writeInbound(Unpooled.directBuffer(bytes.length).writeBytes(bytes));
        return channel;
    }

    /** What a connection has received since the last call. */
    static String received(EmbeddedChannel channel) {
        StringBuilder all = new StringBuilder();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            all.append(out.toString(StandardCharsets.ISO_8859_1));
            out.release();
        }
        return all.toString();
    }

    /** The body of a 200, otherwise the status. */
    String get(String target, String... fields) {
        return request("GET", target, fields);
    }

    String request(String method, String target, String... fields) {
        String lines = fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
        String answer = ask(method + " " + target + " HTTP/1.1\r\n" + lines + "\r\n");
        return answer.startsWith("HTTP/1.1 200 ") ? answer.substring(answer.indexOf("\r\n\r\n") + 4)
            : answer.substring(9, 12);
    }
}
