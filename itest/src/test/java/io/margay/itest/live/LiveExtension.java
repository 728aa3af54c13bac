// SPDX-License-Identifier: Apache-2.0
package io.margay.itest.live;

import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import io.margay.dispatch.WireFactory;
import io.margay.http.HttpLoop;
import io.margay.http.HttpServer;
import io.margay.http.Protocol;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Language;
import io.margay.lang.Launch;
import io.margay.lang.Probe;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/**
 * Extensions that exist only in tests: a protocol, a language with a wire of its own, and a resource of the control
 * API. All answer with the version of their bundle. Each has an activator of its own, since not every process has the
 * packages of all.
 */
public final class LiveExtension {

    private LiveExtension() {
    }

    private static String version(BundleContext context) {
        return context.getBundle().getVersion().toString();
    }

    /** Nothing to take back: the framework does it. */
    private abstract static class Part implements BundleActivator {
        @Override
        public void stop(BundleContext context) {
            // The services go with the bundle.
        }
    }

    /** Brings the protocol. */
    public static final class OfProtocol extends Part {
        @Override
        public void start(BundleContext context) {
            context.registerService(Protocol.class, new Lines(version(context)), null);
        }
    }

    /** Brings the language. */
    public static final class OfLanguage extends Part {
        @Override
        public void start(BundleContext context) {
            context.registerService(Language.class, new Inside(), null);
        }
    }

    /** Brings the wire. */
    public static final class OfWire extends Part {
        @Override
        public void start(BundleContext context) {
            context.registerService(WireFactory.class, new InsideWire(version(context)), null);
        }
    }

    /** Brings the resource. */
    public static final class OfControl extends Part {
        @Override
        public void start(BundleContext context) {
            context.registerService(ControlResource.class, new Resource(version(context)), null);
        }
    }

    /** Answers each line with the version. */
    private record Lines(String version) implements Protocol {

        @Override
        public String name() {
            return "lines";
        }

        @Override
        public List<String> alpn() {
            return List.of("lines/1");
        }

        @Override
        public int priority() {
            return 5;
        }

        @Override
        public void attach(Channel channel, HttpServer server, HttpLoop loop) {
            byte[] answer = (version + "\n").getBytes(StandardCharsets.US_ASCII);
            channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext ctx, Object message) {
                    ByteBuf in = (ByteBuf) message;
                    while (in.isReadable()) {
                        if (in.readByte() == '\n') {
                            ctx.write(Unpooled.wrappedBuffer(answer));
                        }
                    }
                    in.release();
                    ctx.flush();
                }

                @Override
                public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                    if (event == ChannelInputShutdownEvent.INSTANCE) {
                        ctx.close();
                    }
                }
            });
        }
    }

    /** A language whose applications need no process. */
    private static final class Inside implements Language {

        @Override
        public String type() {
            return "inside";
        }

        @Override
        public String wire() {
            return "inside";
        }

        @Override
        public List<Probe> probes() {
            return List.of(new Probe("inside", List.of("/bin/echo", "{\"version\": \"1\"}")));
        }

        @Override
        public void launch(AppSpec app, InstalledModule module, Launch.Builder launch) {
            throw new UnsupportedOperationException("nothing is launched");
        }
    }

    /** {@code GET /live} on the control socket. */
    private record Resource(String version) implements ControlResource {

        @Override
        public String prefix() {
            return "/live";
        }

        @Override
        public CompletionStage<ControlReply> handle(ControlRequest request) {
            return CompletableFuture.completedFuture(ControlReply.bytes("text/plain",
                version.getBytes(StandardCharsets.US_ASCII)));
        }
    }
}
