// SPDX-License-Identifier: Apache-2.0
package io.margay.testing;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.engine.Generation;
import io.margay.http.HttpBinding;
import io.margay.http.HttpLoop;
import io.margay.http.HttpServer;
import io.margay.http.HttpSettings;
import io.margay.log.ErrorLog;
import io.margay.protocol.http1.Http1Protocol;
import io.margay.route.Extensions;
import io.margay.route.RoutePlan;
import io.margay.route.SettingsReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.FileRegion;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One route, written in single quotes, and requests to it without a socket. */
public final class RouteSite {
    /** Where the extensions of tests come from. */
    public static final Extensions.Origin ORIGIN = new Extensions.Origin(1, "test");

    private final List<String> lines = new ArrayList<>();
    private final ErrorLog log = (level, text) -> lines.add(level.word() + " " + text);
    private final RoutePlan plan;
    private final HttpSettings settings;

    /**
     * Compiles the route.
     *
     * @param extensions what it is made of
     * @param steps its steps
     * @param settings the object {@code settings/http}
     */
    public RouteSite(Extensions.Builder extensions, String steps, String settings) {
        this(extensions, conf("{'listeners': {'*:80': {'pass': 'routes'}}, 'routes': [" + steps
            + "], 'settings': {'http': " + settings + "}}"));
    }

    /** Compiles a configuration whose listener is {@code *:80}. */
    public RouteSite(Extensions.Builder extensions, ConfObject configuration) {
        settings = SettingsReader.read(configuration, System.getProperty("java.io.tmpdir"));
        plan = RoutePlan.compile(configuration, extensions.build(), Optional.empty(), log);
    }

    /** Reads a configuration in single quotes. */
    public static ConfObject conf(String text) {
        try {
            return (ConfObject) ConfParser.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        } catch (ConfSyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** The lines of the log so far, each with its level. */
    public List<String> lines() {
        return lines;
    }

    /** The response, with a fixed date; files that the kernel would send are named. Fields bring their line ends. */
    public String ask(String method, String target, String... fields) {
        EmbeddedChannel channel = new EmbeddedChannel();
        HttpServer server = new HttpServer(new HttpBinding(settings,
            plan.handler("*:80").orElseThrow(), new Generation(), false));
        new Http1Protocol().attach(channel, server,
            new HttpLoop(channel.eventLoop(), 0, "1.35.0", log));
        byte[] bytes = (method + " " + target + " HTTP/1.1\r\n" + String.join("", fields) + "\r\n")
            .getBytes(StandardCharsets.ISO_8859_1);
        channel.writeInbound(Unpooled.directBuffer(bytes.length).writeBytes(bytes));
        StringBuilder all = new StringBuilder();
        for (Object out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            all.append(out instanceof ByteBuf data ? data.toString(StandardCharsets.ISO_8859_1)
                : "<file of " + ((FileRegion) out).count() + ">");
            ReferenceCountUtil.release(out);
        }
        channel.finishAndReleaseAll();
        return all.toString().replaceAll("\r\nDate: .{29}\r\n", "\r\nDate: D\r\n");
    }
}
