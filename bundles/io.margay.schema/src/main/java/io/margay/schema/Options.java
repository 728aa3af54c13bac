// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import java.util.Set;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The options of all bundles that are installed, started or not, and who reads them. Changes come on the thread that
 * changes a bundle. For any thread.
 */
@ProviderType
public interface Options {

    /** The manifest header: paths of schema files inside of the bundle, separated by commas. */
    String HEADER = "Margay-Schema";

    /** The schema of now; a validation under way keeps the one that it began with. */
    Schema schema();

    /** True when something that runs reads the options of a reader, see {@link Facts#reads}. */
    boolean reads(String reader);

    /** Takes what the router reads from now on, as it has told: {@code kind:name}. */
    void routerReads(Set<String> readers);

    /** Sets who is told why a file cannot be used, from now on and until now. */
    void whenUnusable(Consumer<String> told);

    /** Sets what happens after each change. */
    void whenChanged(Runnable action);
}
