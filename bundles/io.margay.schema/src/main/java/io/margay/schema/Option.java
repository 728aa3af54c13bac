// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import java.util.Optional;

/**
 * An option that holds a value of its own, not only others.
 *
 * @param path its place from the root, with {@code *} for names and indexes that are free, and with the name of a
 *     variant in angle brackets behind the object that it is a variant of
 * @param name of the nearest member
 * @param reader who reads it, as schema files name it; empty when none of them says so
 */
public record Option(String path, String name, Optional<String> reader) {
}
