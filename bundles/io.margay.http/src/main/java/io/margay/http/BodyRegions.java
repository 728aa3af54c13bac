// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.margay.posix.Fd;
import io.netty.channel.DefaultFileRegion;
import java.io.File;
import java.io.IOException;

/** Request bodies that are in files, for sendfile(2). */
public final class BodyRegions {

    private BodyRegions() {
    }

    /**
     * The file is opened anew: its descriptor may go while the kernel has not taken all of it.
     *
     * @throws IOException when it cannot be opened; nothing is left open then
     */
    public static DefaultFileRegion of(Fd body, long length) throws IOException {
        DefaultFileRegion region = new DefaultFileRegion(new File("/proc/self/fd/" + body.number()), 0, length);
        try {
            region.open();
            return region;
        } catch (IOException e) {
            region.release();
            throw e;
        }
    }
}
