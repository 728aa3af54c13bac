// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.margay.http.ClassLinker;
import io.margay.http.HttpLoop;
import io.margay.http.HttpServer;
import io.margay.http.Protocol;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** HTTP/1.0 and HTTP/1.1 as a service. */
@Component
public final class Http1Protocol implements Protocol {
    private static final int PRIORITY = 10;

    private final Map<HttpLoop, Http1Loop> loops = new ConcurrentHashMap<>();

    /** Creates the service. */
    @Activate
    public Http1Protocol() {
    }

    @Override
    public String name() {
        return "http1";
    }

    @Override
    public List<String> alpn() {
        return List.of("http/1.1");
    }

    @Override
    public int priority() {
        return PRIORITY;
    }

    @Override
    public void attach(Channel channel, HttpServer server, HttpLoop loop) {
        Http1Loop shared = loops.get(loop);
        if (shared == null) {
            shared = new Http1Loop(loop);
            if (loops.isEmpty() && Http1Protocol.class.getClassLoader() != Channel.class.getClassLoader()) {
                link(channel, loop);
            }
            loops.put(loop, shared);
        }
        ReadSizes sizes = new ReadSizes(shared.input());
        channel.config().setRecvByteBufAllocator(sizes);
        // A client may end its side after the request and still wants the response.
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        channel.pipeline().addLast(new Http1Connection(server, shared, sizes));
    }

    /** Once, where bundles have loaders of their own: all classes on the way of a new connection. */
    private static void link(Channel channel, HttpLoop loop) {
        List.of(Http1Connection.class, Http1Exchange.class, Http1Loop.class, RequestReader.class, RequestHead.class,
            RequestBody.class, HeadParser.class, HeadRules.class, ConnectionOutput.class, ReadSizes.class,
            SpareBuffer.class, HttpLoop.class, HttpServer.class, channel.getClass(), channel.pipeline().getClass(),
            channel.config().getClass(), channel.unsafe().getClass(), loop.netty().getClass())
            .forEach(ClassLinker::link);
    }
}
