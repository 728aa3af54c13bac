// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.python.internal;

import io.margay.lang.CgiEncoder;
import io.margay.lang.RequestEncoder;
import io.margay.lang.RequestView;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Heads for an application whose protocol only its code tells: those of CGI, from which ASGI's can be made, too. Where
 * they lose something of the fields these follow as a variable of their own.
 */
final class EitherEncoder implements RequestEncoder {

    private static final byte[] FIELDS = "\0margay.fields".getBytes(StandardCharsets.ISO_8859_1);

    private final CgiEncoder cgi = new CgiEncoder(PythonModule.VARIANTS);
    private final AsgiEncoder raw = new AsgiEncoder();

    @Override
    public boolean encode(RequestView request, ByteBuf out) {
        if (!cgi.encode(request, out)) {
            return false;
        }
        if (cgi.isLossy()) {
            int end = out.writerIndex();
            boolean fits = out.writableBytes() > FIELDS.length;
            if (fits) {
                out.writeBytes(FIELDS);
                int first = out.writerIndex();
                fits = raw.fields(request, '\n', '\n', out);
                out.setByte(first, 0);
            }
            if (!fits) {
                // Half as long it is still right for WSGI, and nearly so for ASGI.
                out.writerIndex(end);
            }
        }
        return true;
    }
}
