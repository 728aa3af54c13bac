// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import io.margay.http.Answer;
import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.http.Variants;
import io.margay.posix.FileStatus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Small files that were served lately, each with the status that it had: one cache for all actions of a process, so
 * that it is bounded and outlives a change of the configuration. An entry is compared with the file again when that
 * was not done for a second; a change of content cannot hide, since nobody can set the time of the last change of an
 * inode. Safe for all loops.
 */
final class FileCache {
    /** How long an entry is served unseen, nanoseconds. */
    static final long FRESH = TimeUnit.SECONDS.toNanos(1);

    /** A file changed so shortly ago may change again without another time stamp, seconds. */
    private static final int SETTLED = 2;
    /** Up to this size a copy into the buffer of the response is cheaper than a reference. */
    private static final int COPIED = 16 * 1024;
    private static final int OVERHEAD = 768;

    private final ConcurrentHashMap<AsciiString, Entry> entries = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();
    private final long most;
    private final LongSupplier nanos;
    private final LongSupplier seconds;

    /**
     * Creates a cache.
     *
     * @param most bytes that it may hold
     * @param nanos a clock that never jumps
     * @param seconds the time of day, as the times of files are
     */
    FileCache(long most, LongSupplier nanos, LongSupplier seconds) {
        this.most = most;
        this.nanos = nanos;
        this.seconds = seconds;
    }

    /** A file as it was. */
    static final class Entry {
        private final FileStatus status;
        private final MimeTypes types;
        private final Fields fields;
        private final Validators validators;
        private final Optional<Answer> answer;
        private final ByteBuf content;
        private final Variants variants;
        private final long bytes;
        private volatile long seen;
        private boolean used = true;

        /**
         * Keeps a file.
         *
         * @param types what the fields were made with
         * @param content not to be changed any more
         */
        Entry(FileStatus status, MimeTypes types, Fields fields, Validators validators, byte[] content) {
            this.status = status;
            this.types = types;
            this.fields = fields;
            this.validators = validators;
            this.bytes = content.length;
            boolean small = content.length <= COPIED;
            answer = small ? Optional.of(new Answer(200, fields, content)) : Optional.empty();
            // Memory that the collector frees: responses under way go on with it after the entry was dropped, and the
            // loops that share it have nothing to count.
            this.content = small ? Unpooled.EMPTY_BUFFER : Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(
                ByteBuffer.allocateDirect(content.length).put(content).flip()));
            variants = answer.map(Answer::variants).orElseGet(() -> new Variants(content.length));
        }

        /** Keeps what filters make of a file that is not kept itself. */
        Entry(FileStatus status, MimeTypes types, Fields fields, Validators validators) {
            this.status = status;
            this.types = types;
            this.fields = fields;
            this.validators = validators;
            bytes = status.size() / 2;
            answer = Optional.empty();
            content = Unpooled.EMPTY_BUFFER;
            variants = new Variants(bytes);
        }

        /** Whether the content is here. */
        boolean isWhole() {
            return bytes == status.size();
        }

        Variants variants() {
            return variants;
        }

        void respond(Exchange exchange) {
            if (Validators.isConditional(exchange.request()) && FileResponse.answers(exchange, fields, validators,
                new Content.Memory(answer.map(a -> Unpooled.wrappedBuffer(a.body())).orElse(content)))) {
                return;
            }
            if (answer.isPresent()) {
                exchange.respond(answer.get());
            } else {
                exchange.respond(200, fields, content.duplicate(), variants);
            }
        }

        boolean isOf(FileStatus present) {
            return status.equals(present);
        }

        private long size() {
            return bytes + OVERHEAD;
        }
    }

    /** The file of a path if it was served with these types; maybe not what the path stands for any more. */
    Optional<Entry> get(AsciiString path, MimeTypes types) {
        Entry entry = entries.get(path);
        if (entry == null || entry.types != types) {
            return Optional.empty();
        }
        if (!entry.used) {
            entry.used = true;
        }
        return Optional.of(entry);
    }

    /** Whether an entry was compared with its file so lately that it may be served. */
    boolean isFresh(Entry entry) {
        return nanos.getAsLong() - entry.seen < FRESH;
    }

    /** Notes that an entry is what its file is now. */
    void confirm(Entry entry) {
        entry.seen = nanos.getAsLong();
    }

    /** Keeps a file that was just read, if it has not changed lately. */
    void put(AsciiString path, Entry entry) {
        long changed = Math.max(entry.status.modifiedSeconds(), entry.status.changedSeconds());
        if (seconds.getAsLong() - changed < SETTLED) {
            return;
        }
        confirm(entry);
        AsciiString key = new AsciiString(path.array(), path.arrayOffset(), path.length(), true);
        Entry before = entries.put(key, entry);
        long change = before == null ? entry.size() + path.length() : entry.size() - before.size();
        if (bytes.addAndGet(change) > most) {
            shrink();
        }
    }

    /** Drops the entry of a path if it still is this one. */
    void remove(AsciiString path, Entry entry) {
        if (entries.remove(path, entry)) {
            bytes.addAndGet(-entry.size() - path.length());
        }
    }

    /** Drops what was not used since the last time, and more if that does not make room. */
    private void shrink() {
        for (int turn = 0; turn < 2; turn++) {
            Iterator<Map.Entry<AsciiString, Entry>> all = entries.entrySet().iterator();
            while (all.hasNext() && bytes.get() > most - most / 8) {
                Map.Entry<AsciiString, Entry> next = all.next();
                if (next.getValue().used) {
                    next.getValue().used = false;
                } else {
                    remove(next.getKey(), next.getValue());
                }
            }
        }
    }

    /** Bytes in use. */
    long size() {
        return bytes.get();
    }
}
