// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.AnswerHead;
import io.margay.http.BadResponseException;
import io.margay.http.RecordException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One question to one server, on a connection of its own. On one loop; the answer is given once. */
@ChannelHandler.Sharable // It leaves the pipeline of the connection for that of its stream.
final class HealthProbe extends ChannelInboundHandlerAdapter implements AnswerReader.Sink, Http2Frames.Events {
    private static final int LONGEST_HEAD = 16 << 10;

    private final LinkPool pool;
    private final HealthOptions options;
    private final EventLoop loop;
    private final Consumer<String> done;
    private final Optional<FastCgiOptions> fastCgi;
    private final AnswerReader answers;
    /** Null before there is one. */
    private Channel channel;
    private boolean over;

    /** Prepares; {@code done} gets what is wrong, or an empty text. */
    HealthProbe(LinkPool pool, HealthOptions options, Optional<FastCgiOptions> fastCgi, EventLoop loop,
        Consumer<String> done) {
        this.pool = pool;
        this.options = options;
        this.loop = loop;
        this.done = done;
        this.fastCgi = fastCgi;
        answers = fastCgi.isPresent() ? new FastCgiAnswers(LONGEST_HEAD, this) : new HttpAnswers(LONGEST_HEAD, this);
    }

    void begin() {
        loop.schedule(() -> end("did not answer in time"), options.timeout(), TimeUnit.MILLISECONDS);
        pool.addresses(System.nanoTime(), loop).whenComplete((addresses, failure) -> loop.execute(() -> {
            if (failure != null) {
                end(String.valueOf(failure.getMessage()));
            } else if (!over) {
                connect(addresses);
            }
        }));
    }

    @SuppressWarnings("deprecation") // The method without a promise exists for all event loops only in this form.
    private void connect(List<SocketAddress> all) {
        SocketAddress to = all.getFirst();
        AbstractEpollStreamChannel made = to instanceof DomainSocketAddress ? new EpollDomainSocketChannel()
            : new EpollSocketChannel();
        channel = made;
        made.config().setConnectTimeoutMillis(Math.max(1, options.timeout() / all.size()));
        loop.register(made);
        pool.tls().ifPresent(tls -> made.pipeline().addLast(tls.newHandler(made.alloc(), pool.endpoint().peer(), 0)));
        made.pipeline().addLast(this);
        made.connect(to).addListener(future -> {
            if (future.isSuccess() && !over) {
                greet(made.pipeline());
            } else if (!future.isSuccess() && !over && all.size() > 1) {
                pool.avoid(to, System.nanoTime());
                connect(all.subList(1, all.size()));
            } else if (!future.isSuccess()) {
                end("took no connection: " + future.cause().getMessage());
            }
        });
    }

    /** Where HTTP/2 may be spoken the server is heard first. */
    private void greet(ChannelPipeline pipeline) {
        SslHandler tls = pipeline.get(SslHandler.class);
        if (!pool.endpoint().http2()) {
            ask(channel);
        } else if (tls == null) {
            askInHttp2();
        } else {
            tls.handshakeFuture().addListener(future -> {
                if (future.isSuccess() && !over) {
                    if (ApplicationProtocolNames.HTTP_2.equals(tls.applicationProtocol())) {
                        askInHttp2();
                    } else {
                        ask(channel);
                    }
                } else if (!future.isSuccess()) {
                    end("TLS: " + future.cause().getMessage());
                }
            });
        }
    }

    private void askInHttp2() {
        channel.pipeline().remove(this);
        Http2Frames frames = Http2Frames.install(channel, pool.endpoint().tls().isPresent(), LONGEST_HEAD, this,
            System::nanoTime);
        frames.open().ifPresent(stream -> {
            stream.pipeline().addLast(this);
            ask(stream);
        });
    }

    @Override
    public void allows(Http2Settings settings) {
        // One request, which is on its way.
    }

    @Override
    public void leaves() {
        // When it does so for good the connection ends.
    }

    @Override
    public void ended() {
        end("closed the connection without an answer");
    }

    private void ask(Channel on) {
        answers.begin(false, false);
        String host = options.host().orElse(pool.endpoint().address().startsWith("unix:") ? "localhost"
            : pool.endpoint().address());
        if (fastCgi.isPresent()) {
            on.writeAndFlush(FastCgiQuestion.of(fastCgi.get(), options.path(), host));
            return;
        }
        on.writeAndFlush(Unpooled.copiedBuffer("GET " + options.path() + " HTTP/1.1\r\nHost: " + host
            + "\r\nUser-Agent: health-check\r\nConnection: close\r\n\r\n", StandardCharsets.ISO_8859_1));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            if (!over) {
                answers.read(in);
            }
        } catch (BadResponseException | RecordException e) {
            end("sent " + e.getMessage());
        } finally {
            in.release();
        }
    }

    @Override
    public void head(AnswerHead head) {
        end(options.isGood(head.status()) ? "" : "answered " + head.status());
    }

    @Override
    public void data(ByteBuf part, boolean last) {
        part.release();
    }

    @Override
    public void says(String line) {
        // It is said with requests as well.
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ended();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        end(String.valueOf(cause.getMessage()));
    }

    private void end(String trouble) {
        if (!over) {
            over = true;
            answers.close();
            if (channel != null) {
                channel.close();
            }
            done.accept(trouble);
        }
    }
}
