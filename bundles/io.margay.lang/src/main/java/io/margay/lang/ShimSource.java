// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Runtimes in the source of their language that bundles carry as resources. */
public final class ShimSource {

    private ShimSource() {
    }

    /**
     * The resources, one after the other.
     *
     * @param owner a class of the bundle, in whose package they are
     * @param parts their names
     * @throws IllegalStateException when one is missing
     */
    public static byte[] read(Class<?> owner, String... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (String part : parts) {
            try (InputStream in = owner.getResourceAsStream(part)) {
                if (in == null) {
                    throw new IllegalStateException("the bundle lacks " + part);
                }
                in.transferTo(all);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return all.toByteArray();
    }
}
