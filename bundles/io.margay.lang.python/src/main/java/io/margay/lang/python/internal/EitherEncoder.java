// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.python.internal;

import io.margay.lang.CgiEncoder;
import io.margay.lang.RequestEncoder;
import io.margay.lang.RequestView;
import io.netty.buffer.ByteBuf;

/**
 * Heads for an application whose protocol only its code tells: those of CGI, from which ASGI's can be made, too. Where
 * they lose something of the fields these follow as one value more than there are keys.
 */
final class EitherEncoder implements RequestEncoder {

    private final CgiEncoder cgi = new CgiEncoder(PythonModule.VARIANTS);
    private final AsgiEncoder raw = new AsgiEncoder();

    @Override
    public boolean encode(RequestView request, ByteBuf out) {
        if (!cgi.encode(request, out)) {
            return false;
        }
        if (cgi.isLossy()) {
            int end = out.writerIndex();
            if (raw.fields(request, '\n', '\n', out)) {
                out.setByte(end, 0);
            } else {
                // Half as long it is still right for WSGI, and nearly so for ASGI.
                out.writerIndex(end);
            }
        }
        return true;
    }
}
