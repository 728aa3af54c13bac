// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Optional;

/** Any bytes are a PROXY header, none, or the begin of one, and the same one as soon as it is complete. */
public final class ProxyHeaderFuzz {
    private static final int LONGEST = 4_200;

    private ProxyHeaderFuzz() {
    }

    /** Called by the fuzzer for each input. */
    public static void fuzzerTestOneInput(FuzzedDataProvider data) {
        ByteBuf all = Unpooled.wrappedBuffer(data.consumeRemainingAsBytes());
        String whole = read(all);
        if (whole.equals("more") && all.readableBytes() > LONGEST) {
            throw new IllegalStateException("waits for more than there may be");
        }
        boolean known = false;
        for (int size = 1; size <= Math.min(LONGEST, all.readableBytes()); size++) {
            String part = read(all.slice(0, size));
            if (known && !part.equals(whole) || !part.equals("more") && !part.equals(whole)) {
                throw new IllegalStateException(size + " bytes are " + part + ", and with more of them " + whole);
            }
            known |= !part.equals("more");
        }
        ClientHello.onlyProtocol(all);
    }

    private static String read(ByteBuf bytes) {
        try {
            Optional<ProxyHeader> header = ProxyHeader.read(bytes);
            if (header.isPresent() && header.get().size() > bytes.readableBytes()) {
                throw new IllegalStateException("is larger than what is there");
            }
            return header.map(found -> found.size() + found.ends().map(ends ->
                " " + ends.remote().text() + " " + ends.local().text()).orElse("")).orElse("more");
        } catch (ProxyHeader.MalformedException e) {
            return "none";
        }
    }
}
