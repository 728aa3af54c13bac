// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.compression;

import io.margay.http.AcceptedCodings;
import io.margay.http.Ascii;
import io.margay.http.BodyFilter;
import io.margay.http.Exchange;
import io.margay.http.KnownField;
import io.margay.http.Request;
import io.margay.http.ResponseHead;
import io.margay.http.StatusRules;
import io.margay.http.Variants;
import io.margay.http.Vary;
import io.margay.route.Filter;
import io.margay.route.TextMatch;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.Optional;

/** Codes bodies as clients accept it: spec/routing.md §8, RFC 9110 §8.4 and §12.5.3. Immutable; used by all loops. */
final class CompressionFilter implements Filter {
    /** A body up to this size that is the same each time is coded once. */
    static final int KEPT = 1 << 20;

    private static final int PARTIAL = 206;
    private static final AsciiString CONTENT_ENCODING = AsciiString.cached("Content-Encoding");
    private static final AsciiString ACCEPT_ENCODING = AsciiString.cached("Accept-Encoding");
    private static final AsciiString CONTENT_RANGE = AsciiString.cached("Content-Range");
    private static final AsciiString ACCEPT_RANGES = AsciiString.cached("Accept-Ranges");
    private static final AsciiString CACHE_CONTROL = AsciiString.cached("Cache-Control");
    private static final AsciiString NO_TRANSFORM = AsciiString.cached("no-transform");
    private static final AsciiString ETAG = AsciiString.cached("ETag");
    private static final AsciiString IF_NONE_MATCH = AsciiString.cached("If-None-Match");
    private static final AsciiString WEAK = AsciiString.cached("W/");

    private final Compressor[] compressors;
    private final Optional<TextMatch> types;
    private final Tools tools;

    /**
     * What encoders are made with and from.
     *
     * @param deflaters of this configuration
     * @param budget of the process
     * @param recoder of the process
     */
    record Tools(Deflaters deflaters, Budget budget, Recoder recoder) {
    }

    /**
     * Creates a filter.
     *
     * @param compressors in the order of their preference
     * @param types which media types are coded; all if empty
     */
    CompressionFilter(List<Compressor> compressors, Optional<TextMatch> types, Tools tools) {
        this.compressors = compressors.toArray(Compressor[]::new);
        this.types = types;
        this.tools = tools;
    }

    @Override
    public Half half() {
        return Half.RESPONSE;
    }

    @Override
    public Optional<BodyFilter> response(Exchange exchange, ResponseHead head) {
        if (compressors.length == 0 || !isCodable(head)) {
            if (compressors.length > 0) {
                tellOfWhole(exchange, head);
            }
            return Optional.empty();
        }
        Vary.add(head, ACCEPT_ENCODING);
        AcceptedCodings accepted = AcceptedCodings.of(exchange.request());
        Optional<Compressor> chosen = choose(accepted, head.contentLength());
        if (chosen.isEmpty()) {
            if (accepted.identity() == 0) {
                head.refuse(406);
            }
            return Optional.empty();
        }
        return code(exchange, head, chosen.get(), accepted);
    }

    /** What has no whole body has the fields all the same that the whole one would have (RFC 9110 §15.3.7, §15.4.5). */
    private void tellOfWhole(Exchange exchange, ResponseHead head) {
        if (head.status() == PARTIAL && isOriginal(head)) {
            Vary.add(head, ACCEPT_ENCODING);
        }
        if (head.status() != StatusRules.NOT_MODIFIED || head.find(CONTENT_ENCODING) >= 0) {
            return;
        }
        boolean mayBeCoded = choose(AcceptedCodings.of(exchange.request()), -1).isPresent();
        if (mayBeCoded && head.hasLengthField()) {
            // That of a body as it was before it was coded.
            head.removeContentLength();
        }
        // There is no type by which to decide; who has a weak tag of what has a strong one was sent it coded.
        int tag = head.find(ETAG);
        if (tag >= 0 && mayChange(head) && hasWeak(exchange.request(), head.value(tag))) {
            Vary.add(head, ACCEPT_ENCODING);
            if (mayBeCoded) {
                weaken(head);
            }
        }
    }

    private static boolean hasWeak(Request request, AsciiString tag) {
        if (tag.startsWith(WEAK)) {
            return false;
        }
        AsciiString weak = WEAK.concat(tag);
        for (int at = request.find(IF_NONE_MATCH, 0); at >= 0; at = request.find(IF_NONE_MATCH, at + 1)) {
            if (request.value(at).contains(weak)) {
                return true;
            }
        }
        return false;
    }

    private boolean isCodable(ResponseHead head) {
        int status = head.status();
        return StatusRules.allowsBody(status) && status != PARTIAL && head.find(CONTENT_RANGE) < 0 && isOriginal(head);
    }

    private boolean isOriginal(ResponseHead head) {
        return !head.isErrorPage() && head.contentLength() != 0 && head.find(CONTENT_ENCODING) < 0 && isOfType(head)
            && mayChange(head);
    }

    /** The whole value is what Unit compares; that without parameters is what people write. */
    private boolean isOfType(ResponseHead head) {
        int field = head.find(KnownField.CONTENT_TYPE.text());
        if (field < 0) {
            return false;
        }
        AsciiString type = head.value(field);
        if (types.isEmpty() || types.get().test(type)) {
            return true;
        }
        int end = type.indexOf(";", 0);
        return end > 0 && types.get().test(Ascii.trim(type.subSequence(0, end, false)));
    }

    /** RFC 9111 §5.2.2.6. */
    private static boolean mayChange(ResponseHead head) {
        for (int i = 0; i < head.size(); i++) {
            if (head.name(i).contentEqualsIgnoreCase(CACHE_CONTROL)
                && AsciiString.containsIgnoreCase(head.value(i), NO_TRANSFORM)) {
                return false;
            }
        }
        return true;
    }

    /** The coding that is wanted most, the first of the configuration among equal ones; empty for none. */
    private Optional<Compressor> choose(AcceptedCodings accepted, long length) {
        int identity = accepted.identity();
        Compressor best = null;
        int most = Math.max(0, identity);
        for (Compressor compressor : compressors) {
            int weight = accepted.weight(compressor.coding().text());
            boolean fits = length < 0 || length >= compressor.minLength() || identity == 0;
            if (fits && weight > 0 && (best == null ? weight >= most : weight > most)) {
                best = compressor;
                most = weight;
            }
        }
        return Optional.ofNullable(best);
    }

    private Optional<BodyFilter> code(Exchange exchange, ResponseHead head, Compressor compressor,
                                      AcceptedCodings accepted) {
        Optional<Variants> variants = head.variants().filter(v -> head.contentLength() <= KEPT);
        Optional<ByteBuf> kept = variants.flatMap(v -> v.get(compressor.name()));
        if (kept.isPresent()) {
            change(head, compressor);
            head.body(kept.get());
            return Optional.empty();
        }
        if (exchange.request().isHead()) {
            change(head, compressor);
            head.removeContentLength();
            return Optional.empty();
        }
        int memory = compressor.coding().memory(compressor.liveLevel());
        if (!tools.budget().take(memory)) {
            if (accepted.identity() == 0) {
                head.refuse(503);
            }
            return Optional.empty();
        }
        long length = head.contentLength();
        change(head, compressor);
        return Optional.of(new CodedBody(exchange, compressor, length, tools, variants));
    }

    private static void change(ResponseHead head, Compressor compressor) {
        head.add(CONTENT_ENCODING, compressor.coding().text());
        head.remove(ACCEPT_RANGES);
        weaken(head);
    }

    private static void weaken(ResponseHead head) {
        int tag = head.find(ETAG);
        if (tag >= 0 && !head.value(tag).startsWith(WEAK)) {
            head.set(ETAG, WEAK.concat(head.value(tag)));
        }
    }
}
